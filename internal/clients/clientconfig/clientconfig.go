// Package clientconfig describes how each MCP client is configured: the path and format of
// its file, the form of an entry, how the key stays out of the file, and whether a link can
// add the entry in one click.
//
// [All] is the single source for everything that shows people how to connect: mcpctl
// connect, the server's page and docs/clients.md.
package clientconfig

import (
	"net/url"
	"slices"
	"strings"

	"serverless-mcp/internal/settings"
)

// A Server is the server that an entry points to.
type Server struct {
	Name string // the entry's name: a-z, 0-9 and -
	URL  string // the endpoint
	Key  string // the key itself, for clients that can read it from nowhere else; empty means a reference to Variable
	// Signin means that URL is an endpoint at which people sign in: the entry has no
	// key, and the client opens the issuer's page in a browser.
	Signin bool
}

// ForSignin reports whether a URL is that of an endpoint of this project at which
// people sign in.
func ForSignin(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.TrimSuffix(u.Path, "/") == settings.SigninPath
}

// Variable returns the name of the environment variable that holds the server's key.
// It is named after the entry, so that two servers or stages never share one.
func (s Server) Variable() string {
	return "MCP_KEY_" + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// A Format is the syntax of a client's file.
type Format string

// The formats. JSON files may contain comments: several clients write them, and the parser
// for all JSON files keeps them.
const (
	JSON Format = "json"
	TOML Format = "toml"
	YAML Format = "yaml"
)

// A Client is one program that speaks MCP over HTTP, or starts one that does.
type Client struct {
	ID     string // as typed on a command line
	Name   string // as its makers write it
	Docs   string // URL of the page that documents the format
	Format Format
	Path   []string // names of the objects that contain the entries, outermost first

	project string               // file in a project, with slashes; empty: none
	user    map[string]string    // file of the user by GOOS, "" for the others; see [Folders]
	moves   []move               // variables that move the user's file, in order of precedence
	twin    string               // name of a file in the same folder that takes precedence if it exists
	older   func(Folders) string // a file that the client reads instead of the user's file, if it exists; nil: none
	traces  []string             // folders that show that the client is in use, if its file's folder does not

	// reference returns the client's notation for the value of a variable; nil means that
	// the client expands no variables, so that the key has to be in the file.
	reference func(variable string) string
	entry     func(s Server, key string) Object
	extra     func(s Server) Object // members outside Path, merged at the top level
	link      func(s Server, entry Object) string
	command   func(s Server, entry Object) string

	// signin returns the entry of an endpoint at which people sign in; nil means
	// that the client has no OAuth for HTTP servers.
	signin func(s Server) Object
	// login returns how a person signs in after the entry was added.
	login func(name string) Step

	// Program is the name of the client's program; empty: it has none.
	Program string
	// Terminal means that the client is started in a terminal, and so sees the variables of
	// its shell; other clients are started from the desktop.
	Terminal bool
	// Asks means that the client asks the user for the key.
	Asks bool

	// Unsure is why a set variable does not prove that the client sees the key, as the end
	// of the sentence "the variable is set, but it …". Caveat then says what to do. Empty:
	// the client's documentation says that it reads the variable.
	Unsure string

	// Caveat is a common pitfall, in one sentence or two; empty: none is known.
	Caveat string
}

// HidesKey reports whether the client can read the key from outside its file.
func (c Client) HidesKey() bool { return c.reference != nil }

// SignsIn reports whether people can sign in at a server with this client.
func (c Client) SignsIn() bool { return c.signin != nil }

// Entry returns the value under the server's name in the object at [Client.Path]. It
// contains a reference to the server's variable, or the key if s.Key is set. For an
// endpoint at which people sign in it contains neither, and is nil if the client cannot
// sign in.
func (c Client) Entry(s Server) Object {
	switch {
	case !s.Signin:
		return c.entry(s, c.keyText(s))
	case c.signin == nil:
		return nil
	}
	return c.signin(s)
}

// Extra returns the members that the file needs in addition to the entry, if any.
func (c Client) Extra(s Server) Object {
	if c.extra == nil || s.Key != "" || s.Signin {
		return nil
	}
	return c.extra(s)
}

// File returns a whole file with only this server, as for a project without one.
func (c Client) File(s Server) Object {
	inner := Object{{s.Name, c.Entry(s)}}
	for _, name := range slices.Backward(c.Path) {
		inner = Object{{name, inner}}
	}
	return append(c.Extra(s), inner...)
}

// Link returns a URL that opens the client, which then asks whether to add the server, or
// "" if the client is not known to have such links. It never contains the key, even if
// s.Key is set: links end up in the histories of browsers and shells.
func (c Client) Link(s Server) string {
	if c.link == nil {
		return ""
	}
	s.Key = ""
	return c.link(s, c.Entry(s))
}

// Command returns the client's own command line that adds the server, for a POSIX
// shell, or "" if the client has none. It never contains the key: it has
// [Placeholder] in its place, unless the client asks for the key.
func (c Client) Command(s Server) string {
	if c.command == nil {
		return ""
	}
	s.Key = ""
	return c.command(s, c.Entry(s))
}

// Placeholder stands for the key that people enter themselves.
const Placeholder = "YOUR-KEY"

// keyText returns the text in place of the key in the entry.
func (c Client) keyText(s Server) string {
	switch {
	case s.Key != "":
		return s.Key
	case c.reference != nil:
		return c.reference(s.Variable())
	}
	return Placeholder
}

// Find returns the client of that id.
func Find(id string) (Client, bool) {
	all := All()
	i := slices.IndexFunc(all, func(c Client) bool { return c.ID == id })
	if i < 0 {
		return Client{}, false
	}
	return all[i], true
}
