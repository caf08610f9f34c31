package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"serverless-mcp/internal/clients/mcpclient"
)

// A proof is what came of a call to the endpoint with the key.
type proof struct {
	tried bool
	name  string // what the server calls itself
	tools int
	err   error
}

// prove makes a real call, if there is a key to make it with.
func (p *program) prove(ctx context.Context, srv server) proof {
	if srv.Key == "" {
		return proof{}
	}
	c, err := mcpclient.Connect(ctx, mcpclient.Options{URL: srv.URL, Key: srv.Key})
	if err != nil {
		return proof{tried: true, err: err}
	}
	defer c.Close()
	tools, err := c.Tools(ctx)
	return proof{tried: true, name: c.Server.ServerInfo.Name, tools: len(tools), err: err}
}

// String is a line for people.
func (r proof) String() string {
	switch {
	case !r.tried:
		return "to do  endpoint and key work: no key to try it with is known here; set MCP_API_KEY for that, and run this again"
	case r.err != nil:
		text := "failed endpoint and key work: " + r.err.Error()
		if hint := hintFor(r.err); hint != "" {
			text += "\n       " + hint
		}
		return text
	case r.tools == 1:
		return fmt.Sprintf("ok     endpoint and key work: %s offers the key 1 tool", r.name)
	}
	return fmt.Sprintf("ok     endpoint and key work: %s offers the key %d tools", r.name, r.tools)
}

var entryName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// entryName is what the server is called in the clients' files: stages and the
// local server have names of their own, and so variables of their own.
func (p *program) entryName(o connectOptions, proof proof) (string, error) {
	switch {
	case o.name != "":
		if !entryName.MatchString(o.name) {
			return "", fmt.Errorf("--name %q is not of the form %s", o.name, strings.Trim(entryName.String(), "^$"))
		}
		return o.name, nil
	case o.url != "":
		return proof.entryName()
	}
	name := p.ownName(o.target)
	if !entryName.MatchString(name) {
		return "", fmt.Errorf("%q is no name for an entry: give one with --name, of the form %s", name, strings.Trim(entryName.String(), "^$"))
	}
	return name, nil
}

// entryName is made of the name that the server gave.
func (r proof) entryName() (string, error) {
	name := asEntryName(r.name)
	switch {
	case !r.tried:
		return "", errors.New("name the entry with --name; or set MCP_API_KEY, and the server is asked for its name")
	case r.err != nil:
		return "", fmt.Errorf("ask the server for its name (which --name would spare): %w", r.err)
	case !entryName.MatchString(name):
		return "", fmt.Errorf("the server calls itself %q, which makes no name for an entry: give one with --name", r.name)
	}
	return name, nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// asEntryName makes a name for an entry of what something is called.
func asEntryName(text string) string {
	return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(text), "-"), "-")
}

// ownName is the name that the page of the server shows, too, with local for
// what mcpctl local runs. A stack that is not the one of the settings has its
// own, so that the two never share a variable.
func (p *program) ownName(t target) string {
	s, _ := p.settings() // a mistake elsewhere in .env is of no matter here
	switch {
	case t.local || !t.given && p.localRuns():
		s.Stage = "local"
	case t.stage != "":
		s.Stage = t.stage
	}
	if t.stack != "" && t.stack != s.StackName && t.stack != s.FullStackName() {
		s.ServerName, s.Stage = asEntryName(t.stack), t.stage
	}
	return s.EntryName()
}

func (p *program) localRuns() bool {
	_, err := p.localServer()
	return err == nil
}
