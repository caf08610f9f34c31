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

// client is a third-party client program.
type client struct {
	name     string
	protocol string // version that it must negotiate; "" if it does not report one
	talk     func(context.Context, address, []call) (received, error)

	reportsSession bool // reports whether it has a session
}

// address is an endpoint with the key to send.
type address struct {
	url, key string
	gateway  bool // behind API Gateway
	sessions bool // the server starts sessions
}

// call is a tool call.
type call struct {
	Name      string         `json:"name"`
	Arguments map[string]any `json:"arguments"`
}

// received is what a client received.
type received struct {
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
	home := t.TempDir() // for the data of mcp-remote
	list := []client{
		{name: "go-sdk", protocol: "2026-07-28", talk: goSDK},
		{"TypeScript SDK 1", "2025-11-25", script(node, home, "sdk-1"), true},
		{"TypeScript client 2", "2025-11-25", script(node, home, "sdk-2"), true},
		{"TypeScript client 2 auto", "2026-07-28", script(node, home, "sdk-2-auto"), true},
		{name: "mcp-remote", talk: script(node, home, "mcp-remote")},
	}
	for era, protocol := range map[string]string{"legacy": "2025-11-25", "auto": "2026-07-28", "modern": "2026-07-28"} {
		list = append(list, client{name: "Inspector " + era, protocol: protocol, talk: inspector{t, node, era}.talk})
	}
	return list
}

// script runs a client through client.mjs.
func script(node interop.Node, home, name string) func(context.Context, address, []call) (received, error) {
	return func(ctx context.Context, at address, calls []call) (received, error) {
		var h received
		request := map[string]any{"client": name, "url": at.url, "key": at.key, "calls": calls, "home": home}
		if err := runScript(ctx, node, "client", request, &h); err != nil {
			return received{}, err
		}
		if h.Error != "" {
			return received{}, errors.New(h.Error)
		}
		return h, nil
	}
}

// inspector is the MCP Inspector's command line, which sends one request per run.
type inspector struct {
	t    *testing.T
	node interop.Node
	era  string
}

func (i inspector) talk(ctx context.Context, at address, calls []call) (received, error) {
	requests := [][]string{i.arguments(at, "tools/list")}
	for _, c := range calls {
		arguments := []string{"--tool-name", c.Name}
		for name, value := range c.Arguments {
			arguments = append(arguments, "--tool-arg", fmt.Sprintf("%s=%v", name, value))
		}
		requests = append(requests, i.arguments(at, "tools/call", arguments...))
	}
	run := i.runAll
	if len(requests) == 1 && i.era == "legacy" { // once: it takes a second
		run = i.launch
	}
	outputs, err := run(ctx, requests)
	if err != nil {
		return received{}, err
	}
	var list struct{ Tools []struct{ Name string } }
	if err := decode(outputs[0], &list); err != nil {
		return received{}, err
	}
	var h received
	for _, tool := range list.Tools {
		h.Tools = append(h.Tools, tool.Name)
	}
	h.Protocol = "2025-11-25"
	for _, output := range outputs[1:] {
		var r result
		if err := decode(output, &r); err != nil {
			return received{}, err
		}
		if r.Meta["io.modelcontextprotocol/serverInfo"] != nil { // only with the newer protocol
			h.Protocol = "2026-07-28"
		}
		h.Results = append(h.Results, r)
	}
	return h, nil
}

func (i inspector) arguments(at address, method string, more ...string) []string {
	return append([]string{at.url, "--transport", "http", "--protocol-era", i.era, "--method", method,
		"--header", "x-api-key: " + at.key}, more...)
}

// printed is the output of one run of the Inspector.
type printed struct {
	Code           int
	Stdout, Stderr string
}

func decode(p printed, value any) error {
	if err := json.Unmarshal([]byte(p.Stdout), value); err != nil {
		return fmt.Errorf("%w: %s", err, cmp.Or(p.Stdout, p.Stderr))
	}
	return nil
}

// toolFailed is the Inspector's exit code for a tool error.
const toolFailed = 5

// launch starts the Inspector as a user does, for a single request.
func (i inspector) launch(ctx context.Context, requests [][]string) ([]printed, error) {
	cmd := i.node.Command(ctx, "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js", append([]string{"--cli"}, requests[0]...)...)
	cmd.Env = append(cmd.Environ(), "HOME="+i.t.TempDir())
	out, stderr, err := output(cmd)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, stderr)
	}
	return []printed{{Stdout: string(out), Stderr: stderr}}, nil
}

// runAll makes several requests in the process that all addresses share.
func (i inspector) runAll(ctx context.Context, requests [][]string) ([]printed, error) {
	var all []printed
	w, err := workerOf(i.node, "inspector.mjs")
	if err != nil {
		return nil, err
	}
	if err := w.Run(ctx, "inspector", requests, &all); err != nil {
		return nil, err
	}
	for n, p := range all {
		if p.Code != 0 && p.Code != toolFailed {
			return nil, fmt.Errorf("%s: exit code %d: %s", requests[n][6], p.Code, p.Stderr)
		}
	}
	if len(all) != len(requests) {
		return nil, fmt.Errorf("%d results for %d requests", len(all), len(requests))
	}
	return all, nil
}

// output runs a command and returns its standard output and error output.
func output(cmd *exec.Cmd) (out []byte, stderrText string, err error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err = cmd.Output()
	return out, stderr.String(), err
}
