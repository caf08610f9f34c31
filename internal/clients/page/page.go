// Package page serves the page for people at the root of a server. It explains what the
// server is and how to connect each editor to it, in steps that need only the editor and a
// shell. It is one HTML document without other resources, generated from package
// clientconfig, and contains no key and no name of a tool.
//
// The page is the only thing that is served without a key.
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"regexp"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
)

// Options describe the server whose page it is.
type Options struct {
	Name  string // of the server, as people read it; required
	Entry string // its name in the clients' files; empty means Name
	Path  string // of the endpoint; empty means /mcp
	// Signin is the path of the endpoint at which people sign in; empty means that
	// the page shows keys only.
	Signin string

	Title   string // display name; empty means Name
	Icon    string // an https URL or a data URI; empty means none
	Website string // a URL about the server; empty means none
}

// New returns the handler of GET and HEAD /.
func New(o Options) http.Handler {
	if o.Entry == "" {
		o.Entry = o.Name
	}
	if o.Path == "" {
		o.Path = "/mcp"
	}
	return &handler{o: o, page: template.Must(template.New("page").Funcs(template.FuncMap{
		"osName": osName, "link": func(s string) template.URL { return template.URL(s) }, // the links are ours, with schemes that run no script
	}).Parse(pageHTML))}
}

type handler struct {
	o    Options
	page *template.Template
}

//go:embed assets/page.html
var pageHTML string

//go:embed assets/style.css
var styleCSS string

//go:embed assets/script.js
var scriptJS string

// host matches a Host header that may be shown on the page. Any other could contain an
// attacker's text.
var host = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$|^\[[0-9a-f:]+\](:[0-9]+)?$`)

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	case r.URL.Path != "/":
		http.NotFound(w, r)
		return
	case !host.MatchString(r.Host):
		http.Error(w, "bad Host header", http.StatusBadRequest)
		return
	}
	var b bytes.Buffer
	if err := h.page.Execute(&b, h.view(r.Host)); err != nil {
		http.Error(w, "the page could not be rendered", http.StatusInternalServerError)
		return
	}
	for name, value := range headers(h.o.Icon) {
		w.Header().Set(name, value)
	}
	w.Write(b.Bytes()) // an error means that the client has disconnected
}

// headers isolate the page: only its own script runs, nothing is loaded, it cannot
// be framed, and links send no referrer.
func headers(icon string) map[string]string {
	images := "img-src data:" // also for an empty icon: without one, browsers request /favicon.ico
	if strings.HasPrefix(icon, "https://") {
		images += " " + icon
	}
	return map[string]string{
		"Content-Type": "text/html; charset=utf-8",
		"Content-Security-Policy": strings.Join([]string{
			"default-src 'none'", "style-src " + hash(styleCSS), "script-src " + hash(scriptJS),
			images,
			"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
		}, "; "),
		"Cache-Control":          "public, max-age=300",
		"Referrer-Policy":        "no-referrer",
		"X-Content-Type-Options": "nosniff",
	}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("'sha256-%s'", base64.StdEncoding.EncodeToString(sum[:]))
}

// server returns the server for a Host header and an endpoint's path. A server on this
// machine uses plain http, and has another entry.
func (h *handler) server(requestHost, path string) clientconfig.Server {
	name, _, err := net.SplitHostPort(requestHost)
	if err != nil {
		name = strings.Trim(requestHost, "[]")
	}
	s := clientconfig.Server{Name: h.o.Entry, URL: "https://" + requestHost + path}
	if ip := net.ParseIP(name); name == "localhost" || ip != nil && ip.IsLoopback() {
		s = clientconfig.Server{Name: h.o.Entry + "-local", URL: "http://" + requestHost + path}
	}
	return s
}
