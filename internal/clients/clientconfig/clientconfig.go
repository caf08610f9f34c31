// Package clientconfig describes how each MCP client is configured: which
// file, which format, which shape of entry, how the key stays out of the file,
// and whether there is a link that does it in one click.
//
// Everything that shows people how to connect is made from [All]: mcpctl
// connect, the page of the server, docs/clients.md.
package clientconfig

import (
	"net/url"
	"slices"
	"strings"

	"serverless-mcp/internal/settings"
)

// A Server is what an entry points at.
type Server struct {
	Name string // the entry's name: a-z, 0-9 and -
	URL  string // the endpoint
	Key  string // the key itself, for clients that have no other way; empty means a reference to Variable
	// Signin says that URL is an endpoint at which people sign in: the entry has no
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

// The formats there are. JSON files may have comments everywhere: several
// clients write them, and all are read with a parser that keeps them.
const (
	JSON Format = "json"
	TOML Format = "toml"
	YAML Format = "yaml"
)

// A Client is one program that speaks MCP over HTTP, or starts one that does.
type Client struct {
	ID     string // as typed on a command line
	Name   string // as its makers write it
	Docs   string // the page that documents the format
	Format Format
	Path   []string // the keys under which entries stand, outermost first

	project string               // file in a project, with slashes; empty: none
	user    map[string]string    // file of the user by GOOS, "" for the others; see [Folders]
	moves   []move               // variables that move the user's file, the strongest first, as each client reads them
	twin    string               // name of a file beside it that wins if it exists
	older   func(Folders) string // a file that the client reads instead of the user's file, if it exists; nil: none
	traces  []string             // folders that show that the client is in use, if its file's folder does not

	// reference writes a variable's value into a header; nil means that the
	// client expands nothing, and the key would have to stand in the file.
	reference func(variable string) string
	entry     func(s Server, key string) Object
	extra     func(s Server) Object // keys beside Path, merged at the top
	link      func(s Server, entry Object) string
	command   func(s Server, entry Object) string

	// signin returns the entry of an endpoint at which people sign in; nil means
	// that the client has no OAuth for HTTP servers.
	signin func(s Server) Object
	// login says how a person signs in once the entry is there.
	login func(name string) Step

	// Program is the client's name on a command line; empty: it has none.
	Program string
	// Terminal says that the client is started in a terminal, and so sees the
	// variables of its shell; the others are started from the desktop.
	Terminal bool
	// Asks says that the client asks for the key by itself.
	Asks bool

	// Unsure says why the variable alone does not prove that the client sees the
	// key, as the end of a sentence that begins with it: "…, but it …". Caveat
	// says what to do. Empty: the client's page says that it reads the variable.
	Unsure string

	// Caveat is what trips people up, one sentence; empty: nothing known.
	Caveat string
}

// HidesKey reports whether the client can take the key from outside its file.
func (c Client) HidesKey() bool { return c.reference != nil }

// SignsIn reports whether people can sign in at a server with the client.
func (c Client) SignsIn() bool { return c.signin != nil }

// Entry is what stands under the server's name, at [Client.Path]. It holds a
// reference to the server's variable, or the key if the server has one set. For an
// endpoint at which people sign in it holds neither, and is nil if the client
// cannot do that.
func (c Client) Entry(s Server) Object {
	switch {
	case !s.Signin:
		return c.entry(s, c.keyText(s))
	case c.signin == nil:
		return nil
	}
	return c.signin(s)
}

// Extra are keys that the file needs beside the entry, or nothing.
func (c Client) Extra(s Server) Object {
	if c.extra == nil || s.Key != "" || s.Signin {
		return nil
	}
	return c.extra(s)
}

// File returns a whole file with this one server, as for a project that had none.
func (c Client) File(s Server) Object {
	inner := Object{{s.Name, c.Entry(s)}}
	for _, name := range slices.Backward(c.Path) {
		inner = Object{{name, inner}}
	}
	return append(c.Extra(s), inner...)
}

// Link opens the client and lets it ask whether to add the server; "" where no
// such link is confirmed. It never holds the key, whatever the server has set:
// links end up in the histories of browsers and shells.
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
