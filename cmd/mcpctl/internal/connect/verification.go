package connect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/connect"
	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/clients/printable"
)

// verification is the outcome of a call to the endpoint with the key, or of a check of what
// the endpoint serves to clients that sign in.
type verification struct {
	tried  bool   // whether a key was known
	name   string // serverInfo.name
	tools  int
	signin bool     // nothing was called, because people sign in
	issuer []string // the issuers' URLs
	err    error
}

// verify calls the endpoint, if the endpoint takes keys and one is known.
func verify(ctx context.Context, srv cli.Server, signin bool) verification {
	if signin {
		found, err := mcpclient.FindSignin(ctx, mcpclient.Options{URL: srv.URL})
		return verification{signin: true, issuer: found.Issuers, err: err}
	}
	if srv.Key == "" {
		return verification{}
	}
	c, err := mcpclient.Connect(ctx, mcpclient.Options{URL: srv.URL, Key: srv.Key})
	if err != nil {
		return verification{tried: true, err: err}
	}
	defer c.Close()
	tools, err := c.Tools(ctx)
	return verification{tried: true, name: c.Server.ServerInfo.Name, tools: len(tools), err: err}
}

// String returns a line for the user.
func (v verification) String() string {
	switch {
	case v.signin && v.err != nil:
		return "failed clients find out where to sign in: " + printable.Line(v.err.Error())
	case v.signin:
		return "ok     clients find out where to sign in: " + printable.Line(strings.Join(v.issuer, ", "))
	case !v.tried:
		return "to do  the endpoint accepts the key: not checked, because no key is known; set MCP_API_KEY and run this again"
	case v.err != nil:
		text := "failed the endpoint does not accept the key: " + printable.Line(v.err.Error())
		if hint := cli.Hint(v.err); hint != "" {
			text += "\n       " + hint
		}
		return text
	case v.tools == 1:
		return fmt.Sprintf("ok     the endpoint accepts the key: %s offers 1 tool", printable.Line(v.name))
	}
	return fmt.Sprintf("ok     the endpoint accepts the key: %s offers %d tools", printable.Line(v.name), v.tools)
}

// triedKey returns what the call showed about a key.
func (v verification) triedKey(key string) connect.Tried {
	var status *mcpclient.StatusError
	rejected := errors.As(v.err, &status) && (status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden)
	if !v.tried || v.err != nil && !rejected {
		return connect.Tried{}
	}
	return connect.Tried{Key: key, Rejected: rejected}
}

// entryNameForm is the form of an entry's name, for errors.
const entryNameForm = `[a-z][a-z0-9-]{0,62}`

// entryNameCharacters is without {0,62}, which would take 1 ms to compile, at each start of
// mcpctl.
var entryNameCharacters = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func validEntryName(name string) bool {
	return len(name) <= 63 && entryNameCharacters.MatchString(name)
}

// entryName returns the name of the entry in the clients' files. Each stage and
// the local server has its own name, and therefore its own variable.
func entryName(env *cli.Env, o connectOptions, v verification) (string, error) {
	switch {
	case o.files.name != "":
		if !validEntryName(o.files.name) {
			return "", fmt.Errorf("--name %q is not of the form %s", o.files.name, entryNameForm)
		}
		return o.files.name, nil
	case o.target.URL != "":
		return v.entryName()
	}
	name := cli.EntryName(env, o.target)
	if !validEntryName(name) {
		return "", fmt.Errorf("%q is not a valid name for an entry: pass --name, of the form %s", name, entryNameForm)
	}
	return name, nil
}

// entryName returns a name derived from serverInfo.name.
func (v verification) entryName() (string, error) {
	name := cli.AsEntryName(v.name)
	switch {
	case v.signin:
		return "", errors.New("pass --name: without a key, the server cannot be asked for its name")
	case !v.tried:
		return "", errors.New("pass --name, or set MCP_API_KEY so that the server can be asked for its name")
	case v.err != nil:
		return "", fmt.Errorf("ask the server for its name (not needed with --name): %w", v.err)
	case !validEntryName(name):
		return "", fmt.Errorf("the name of the server, %q, cannot be turned into the name of an entry: pass --name", v.name)
	}
	return name, nil
}
