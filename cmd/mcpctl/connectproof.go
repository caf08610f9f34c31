package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"serverless-mcp/internal/mcpclient"
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
	name := o.name
	switch {
	case name != "":
	case o.url != "":
		if name = strings.Trim(notInNames.ReplaceAllString(strings.ToLower(proof.name), "-"), "-"); name == "" {
			return "", errors.New("the server does not say its name: give one with --name")
		}
	default:
		name = p.ownName(o.target)
	}
	if !entryName.MatchString(name) {
		return "", fmt.Errorf("--name %q is not of the form %s", name, strings.Trim(entryName.String(), "^$"))
	}
	return name, nil
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// ownName is SERVER_NAME with the stage, or with local for what mcpctl local
// runs.
func (p *program) ownName(t target) string {
	s, _ := p.settings() // a mistake elsewhere in .env is of no matter here
	stage := s.Stage
	switch {
	case t.local || !t.given && p.localRuns():
		stage = "local"
	case t.stage != "":
		stage = t.stage
	}
	if stage == "" {
		return s.ServerName
	}
	return s.ServerName + "-" + stage
}

func (p *program) localRuns() bool {
	_, err := p.localServer()
	return err == nil
}
