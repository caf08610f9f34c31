package interop_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"testing"

	"serverless-mcp/internal/test/interop"
)

// client is a client program that we did not write.
type client struct {
	name     string
	protocol string // that it must negotiate; "" if it does not report one
	talk     func(context.Context, address, []call) (heard, error)

	reportsSession bool // reports whether it has a session
}

// address is an endpoint with the key to send.
type address struct {
	url, key string
	gateway  bool // behind API Gateway
	sessions bool // the server starts sessions
}

// call is a tool with its arguments.
type call struct {
	Name      string         `json:"name"`
	Arguments map[string]any `json:"arguments"`
}

// heard is what a client received.
type heard struct {
	Protocol string   `json:"protocol"`
	Session  bool     `json:"session"`
	Tools    []string `json:"tools"`
	Results  []result `json:"results"`
	Error    string   `json:"error"`
}

type result struct {
	Content           []struct{ Text string } `json:"content"`
	StructuredContent map[string]any          `json:"structuredContent"`
	IsError           bool                    `json:"isError"`
	ProtocolError     string                  `json:"protocolError"`
	Meta              map[string]any          `json:"_meta"`
}

// clients returns all clients, in the versions of node/package.json and go.mod.
func clients(t *testing.T, node interop.Node) []client {
	home := t.TempDir() // where some store data about servers
	list := []client{
		{name: "go-sdk", protocol: "2026-07-28", talk: goSDK},
		{"TypeScript SDK 1", "2025-11-25", script(node, home, "sdk-1"), true},
		{"TypeScript client 2", "2025-11-25", script(node, home, "sdk-2"), true},
		{"TypeScript client 2 auto", "2026-07-28", script(node, home, "sdk-2-auto"), true},
		{name: "mcp-remote", talk: script(node, home, "mcp-remote")},
	}
	for era, protocol := range map[string]string{"legacy": "2025-11-25", "auto": "2026-07-28", "modern": "2026-07-28"} {
		list = append(list, client{name: "Inspector " + era, protocol: protocol, talk: inspector{node, home, era}.talk})
	}
	return list
}

// script runs a client through client.mjs.
func script(node interop.Node, home, name string) func(context.Context, address, []call) (heard, error) {
	return func(ctx context.Context, at address, calls []call) (heard, error) {
		text, err := json.Marshal(calls)
		if err != nil {
			return heard{}, err
		}
		cmd := node.Command(ctx, "client.mjs", name)
		cmd.Env = append(cmd.Environ(), "MCP_URL="+at.url, "MCP_KEY="+at.key, "MCP_CALLS="+string(text),
			"HOME="+home, "MCP_REMOTE_CONFIG_DIR="+home)
		out, stderr, err := output(cmd)
		if err != nil {
			return heard{}, fmt.Errorf("%w: %s", err, stderr)
		}
		var h heard
		if err := json.Unmarshal(out, &h); err != nil {
			return heard{}, fmt.Errorf("%w: %s", err, out)
		}
		if h.Error != "" {
			return heard{}, errors.New(h.Error + "\n" + stderr)
		}
		return h, nil
	}
}

// inspector is the MCP Inspector's command line: one process per request.
type inspector struct {
	node      interop.Node
	home, era string
}

func (i inspector) talk(ctx context.Context, at address, calls []call) (heard, error) {
	var list struct{ Tools []struct{ Name string } }
	if err := i.request(ctx, at, &list, "tools/list"); err != nil {
		return heard{}, err
	}
	var h heard
	for _, tool := range list.Tools {
		h.Tools = append(h.Tools, tool.Name)
	}
	h.Protocol = "2025-11-25"
	for _, c := range calls {
		arguments := []string{"--tool-name", c.Name}
		for name, value := range c.Arguments {
			arguments = append(arguments, "--tool-arg", fmt.Sprintf("%s=%v", name, value))
		}
		var r result
		if err := i.request(ctx, at, &r, "tools/call", arguments...); err != nil {
			return heard{}, err
		}
		if r.Meta["io.modelcontextprotocol/serverInfo"] != nil { // only with the newer protocol
			h.Protocol = "2026-07-28"
		}
		h.Results = append(h.Results, r)
	}
	return h, nil
}

// toolFailed is the Inspector's exit code for a tool error.
const toolFailed = 5

func (i inspector) request(ctx context.Context, at address, result any, method string, arguments ...string) error {
	cmd := i.node.Command(ctx, "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js",
		append([]string{"--cli", at.url, "--transport", "http", "--protocol-era", i.era, "--method", method,
			"--header", "x-api-key: " + at.key}, arguments...)...)
	cmd.Env = append(cmd.Environ(), "HOME="+i.home)
	out, stderr, err := output(cmd)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == toolFailed {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", method, err, stderr)
	}
	if err := json.Unmarshal(out, result); err != nil {
		return fmt.Errorf("%s: %w: %s", method, err, cmp.Or(string(out), stderr))
	}
	return nil
}

// output runs a command and returns its standard output and error output.
func output(cmd *exec.Cmd) (out []byte, stderrText string, err error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err = cmd.Output()
	return out, stderr.String(), err
}
