package connect

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"serverless-mcp/internal/clients/clientconfig"
)

var (
	// urlMembers are the names under which clients keep a server's URL, in lower
	// case and without separators.
	urlMembers = []string{"url", "serverurl", "httpurl", "uri", "sseurl", "endpoint", "baseurl"}
	// programMembers are the members of an entry that starts a program.
	programMembers = []string{"command", "cmd", "args", "env", "envfile"}
	// httpTypes are the types that an entry with a URL may have.
	httpTypes = []string{"", "http", "streamablehttp", "sse", "remote"}
)

// folded returns a member's name in the form of these lists.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// checkExisting returns an [OtherServerError] unless an existing entry is for the same server and
// of the kind that connect writes for the client.
func checkExisting(c clientconfig.Client, s clientconfig.Server, old any) error {
	address, problem := serverURL(c, old)
	switch {
	case problem != "":
		return &OtherServerError{Client: c.Name, Name: s.Name, Why: problem}
	case address != s.URL:
		return &OtherServerError{Client: c.Name, Name: s.Name, URL: withoutSecrets(address), Why: otherEndpoint(address, s)}
	case s.Signin && sendsCredential(object(old)):
		return &OtherServerError{Client: c.Name, Name: s.Name, Why: "it sends a key, and a client that does so does not sign in"}
	}
	return nil
}

// otherEndpoint returns a description if an entry's URL is the same server's other
// endpoint, for keys or for sign-in, and "" if it is not.
func otherEndpoint(address string, s clientconfig.Server) string {
	there, err := url.Parse(address)
	here, err2 := url.Parse(s.URL)
	switch {
	case err != nil || err2 != nil || there.Host != here.Host:
	case s.Signin && !clientconfig.ForSignin(address):
		return "it is for " + withoutSecrets(address) + ", the server's endpoint for keys"
	case !s.Signin && clientconfig.ForSignin(address):
		return "it is for " + withoutSecrets(address) + ", the server's endpoint for sign-in"
	}
	return ""
}

// credentialHeaders are the headers that carry a key or a token.
var credentialHeaders = []string{keyHeader, "authorization"}

// sendsCredential reports whether an entry sends a header of credentialHeaders, in
// any client's notation.
func sendsCredential(entry map[string]any) bool {
	isCredential := func(name string) bool {
		return slices.Contains(credentialHeaders, strings.ToLower(strings.TrimSpace(name)))
	}
	for name, value := range entry {
		switch folded(name) {
		case "bearertokenenvvar":
			return true
		case "headers", "httpheaders", "envhttpheaders":
			for header := range object(value) {
				if isCredential(header) {
					return true
				}
			}
		case "args":
			args := texts(value)
			for i := range args {
				if header, width := headerArgument(args[i:]); width > 0 {
					if name, _, _ := strings.Cut(header, ":"); isCredential(name) {
						return true
					}
				}
			}
		}
	}
	return false
}

// serverURL returns the entry's URL if the entry is of the kind that connect writes for the
// client, and otherwise why it is not.
func serverURL(c clientconfig.Client, old any) (address, problem string) {
	members, ok := old.(map[string]any)
	if !ok {
		return "", "it is not an object"
	}
	if problem := differs(c, members); problem != "" {
		return "", problem
	}
	if startsMCPRemote(c) {
		return mcpRemoteURL(members)
	}
	for name, value := range members {
		switch {
		case value == nil:
		case slices.Contains(programMembers, folded(name)):
			return "", "it has " + name + ", which is for programs that the client starts"
		case slices.Contains(urlMembers, folded(name)) && name != urlName(c):
			return "", "its URL is in " + name + ", not in " + urlName(c)
		case name == "type" && !slices.Contains(httpTypes, folded(text(value))):
			return "", "its type is not HTTP"
		}
	}
	if address = text(members[urlName(c)]); address == "" {
		return "", "it has no " + urlName(c)
	}
	return address, ""
}

// differs describes a member of the entry that is spelled differently from ours, or that is
// not an object although ours is; "" if there is none. Some clients fold names and others
// do not, so an entry with both spellings would be ambiguous.
func differs(c clientconfig.Client, members map[string]any) string {
	s := clientconfig.Server{Name: "x", URL: "https://example.com/mcp"}
	for _, ours := range slices.Concat(c.Entry(s), c.Entry(otherWay(s))) {
		_, isObject := ours.Value.(clientconfig.Object)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			value := members[name]
			_, ok := value.(map[string]any)
			switch {
			case name == ours.Name && isObject && value != nil && !ok:
				return "its " + name + " is not an object"
			case name != ours.Name && value != nil && folded(name) == folded(ours.Name) && !slices.Contains(urlMembers, folded(name)):
				return "it has " + name + ", which is " + ours.Name + " in another spelling"
			}
		}
	}
	return ""
}

// startsMCPRemote reports whether the client can only start programs, so that its entry
// starts mcp-remote.
func startsMCPRemote(c clientconfig.Client) bool { return urlName(c) == "" }

// urlName returns the client's name for the server's URL, or "" if its entry starts a
// program.
func urlName(c clientconfig.Client) string {
	const probe = "https://example.com/mcp"
	for _, m := range c.Entry(clientconfig.Server{Name: "x", URL: probe}) {
		if m.Value == probe {
			return m.Name
		}
	}
	return ""
}

// mcpRemoteURL is like serverURL, for an entry that starts mcp-remote with the URL as an argument.
func mcpRemoteURL(members map[string]any) (address, problem string) {
	for name, value := range members {
		if slices.Contains(urlMembers, folded(name)) && value != nil {
			return "", "it has " + name + ", and the client starts programs only"
		}
	}
	args := texts(members["args"])
	isProgram := func(arg string) bool { return arg == "mcp-remote" || strings.HasPrefix(arg, "mcp-remote@") }
	if !slices.ContainsFunc(args, isProgram) && !strings.HasSuffix(text(members["command"]), "mcp-remote") {
		return "", "it starts another program than mcp-remote"
	}
	i := slices.IndexFunc(args, func(arg string) bool {
		u, err := url.Parse(arg)
		return err == nil && (u.Scheme == "http" || u.Scheme == "https")
	})
	if i < 0 {
		return "", "it starts mcp-remote without a URL"
	}
	return args[i], ""
}

// ownShape reports whether an entry has only members that connect writes, and harmless ones
// that clients add.
func ownShape(c clientconfig.Client, name, address string, old any) bool {
	s := clientconfig.Server{Name: name, URL: address}
	members, _ := old.(map[string]any)
	for member, value := range members {
		if slices.Contains([]string{"disabled", "enabled", "autoApprove", "alwaysAllow", "timeout", "tools"}, member) {
			continue
		}
		if !fitsEither(member, value, ourEntries(c, s)...) {
			return false
		}
	}
	return len(members) > 0
}

// ourEntries returns the entries that connect may have written for a server.
func ourEntries(c clientconfig.Client, s clientconfig.Server) []clientconfig.Object {
	all := []clientconfig.Object{c.Entry(s), c.Entry(otherWay(s))}
	if clientconfig.ForSignin(s.URL) {
		s.Signin = true
		all = append(all, c.Entry(s))
	}
	return all
}

// fitsEither reports whether a member matches that of one of our entries.
func fitsEither(name string, value any, entries ...clientconfig.Object) bool {
	return slices.ContainsFunc(entries, func(o clientconfig.Object) bool {
		return slices.ContainsFunc(o, func(m clientconfig.Member) bool { return m.Name == name && fits(value, m.Value) })
	})
}

// fits compares a decoded value with one of ours: objects must have the same members, and a
// text that contains the key may contain any key.
func fits(value, ours any) bool {
	switch o := ours.(type) {
	case clientconfig.Object:
		members, ok := value.(map[string]any)
		if !ok || len(members) != len(o) {
			return false
		}
		return !slices.ContainsFunc(o, func(m clientconfig.Member) bool {
			inner, isObject := m.Value.(clientconfig.Object)
			if isObject {
				return !fits(members[m.Name], inner)
			}
			return text(members[m.Name]) == ""
		})
	case []string:
		return slices.Equal(texts(value), o)
	}
	return value == ours
}
