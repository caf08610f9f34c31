package page

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
)

// A view is the data of the template.
type view struct {
	Name    string
	Title   string
	Icon    template.URL // of the server; empty means none
	Website string
	URL     string
	Buttons []clientView // of clients with a confirmed link
	Clients []clientView
	Hosted  []clientconfig.HostedClient
	Check   []osView
	Signin  *signinView // nil means that people cannot sign in
	Style   template.CSS
	Script  template.JS
}

// A signinView is the tab for people who sign in.
type signinView struct {
	URL     string
	Hosted  []clientconfig.HostedClient
	Buttons []clientView
	Clients []clientView
}

// A clientView is one client's tab.
type clientView struct {
	ID, Name, Docs, Caveat, Link string
	Text                         string // of the file, with only this server
	NeedsKeyInFile               bool
	OS                           []osView
}

// An osView is a tab for an operating system.
type osView struct {
	GOOS   string
	Places []string // the files
	Steps  []clientconfig.Step
}

// systems returns the operating systems in the order of their tabs.
func systems() []string { return []string{"darwin", "windows", "linux"} }

func osName(goos string) string {
	return map[string]string{"darwin": "macOS", "windows": "Windows (PowerShell)", "linux": "Linux"}[goos]
}

func (h *handler) view(requestHost string) view {
	s := h.server(requestHost, h.o.Path)
	v := view{Name: h.o.Name, Title: cmp.Or(h.o.Title, h.o.Name), Icon: iconURL(h.o.Icon), Website: h.o.Website, URL: s.URL, Style: template.CSS(styleCSS), Script: template.JS(scriptJS)}
	for _, c := range clientconfig.All() {
		one := clientView{
			ID: c.ID, Name: c.Name, Docs: c.Docs, Caveat: c.Caveat, Link: c.Link(s),
			Text: c.Text(s), NeedsKeyInFile: !c.HidesKey(),
		}
		for _, goos := range systems() {
			places := c.Places(goos)
			if one.NeedsKeyInFile && len(places) > 1 {
				places = slices.Clone(places[len(places)-1:]) // the user's: a project's is shared
			}
			one.OS = append(one.OS, osView{GOOS: goos, Places: places, Steps: c.Steps(s, goos, "")})
		}
		if one.Link != "" {
			v.Buttons = append(v.Buttons, one)
		}
		v.Clients = append(v.Clients, one)
	}
	v.Hosted = clientconfig.Hosted()
	if h.o.Signin != "" {
		v.Signin = signinTab(h.server(requestHost, h.o.Signin))
		v.Hosted = slices.DeleteFunc(v.Hosted, func(c clientconfig.HostedClient) bool { return c.Support == clientconfig.SignIn })
	}
	for _, goos := range systems() {
		v.Check = append(v.Check, osView{GOOS: goos, Steps: []clientconfig.Step{checkStep(goos, s.URL)}})
	}
	return v
}

// signinTab describes the endpoint at which people sign in.
func signinTab(s clientconfig.Server) *signinView {
	s.Signin = true
	v := &signinView{URL: s.URL, Hosted: clientconfig.HostedSignin()}
	for _, c := range clientconfig.All() {
		if !c.SignsIn() {
			continue
		}
		one := clientView{ID: c.ID, Name: c.Name, Docs: c.Docs, Link: c.Link(s), Text: c.Text(s)}
		for _, goos := range systems() {
			one.OS = append(one.OS, osView{GOOS: goos, Places: c.Places(goos), Steps: c.Steps(s, goos, "")})
		}
		if one.Link != "" {
			v.Buttons = append(v.Buttons, one)
		}
		v.Clients = append(v.Clients, one)
	}
	return v
}

// iconURL returns the icon if it is of a kind that package settings accepts.
func iconURL(icon string) template.URL {
	if strings.HasPrefix(icon, "https://") || strings.HasPrefix(icon, "data:image/") {
		return template.URL(icon)
	}
	return ""
}

// checkStep asks the server for its tools, without any client.
func checkStep(goos, url string) clientconfig.Step {
	const body = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
	step := clientconfig.Step{Text: "Run this, then paste the key and press Enter. The response lists the tools; 401 means that no key arrived, 403 that the key is unknown."}
	if goos == "windows" {
		step.Command = strings.Join([]string{
			"Invoke-RestMethod -Method Post -Uri '" + url + "' -ContentType 'application/json' `",
			"  -Headers @{ 'x-api-key' = (Read-Host 'Key'); Accept = 'application/json, text/event-stream' } `",
			"  -Body '" + body + "' | ConvertTo-Json -Depth 9",
		}, "\n")
		return step
	}
	step.Command = strings.Join([]string{
		// curl reads the key from standard input, because other users of the machine can
		// read command lines.
		`read -rs KEY; printf 'header = "x-api-key: %s"\n' "$KEY" | curl -sS --config - '` + url + `' \`,
		`  -H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream' \`,
		`  -d '` + body + `'`,
	}, "\n")
	return step
}
