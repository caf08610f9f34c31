// Package peer builds the servers that the benchmark compares.
package peer

import (
	"fmt"
	"maps"
	"path/filepath"

	"serverless-mcp/internal/settings"
)

// IDs of the servers, in flags and results.
const (
	Echo         = "echo"
	EchoOne      = "echo-one-thread"
	Ours         = "ours"
	OursUnset    = "ours-threads-unset"
	GoSDK        = "go-sdk"
	SDK          = "ts-sdk"
	SDKBundle    = "ts-sdk-bundled"
	Server       = "ts-server"
	ServerBundle = "ts-server-bundled"
	NodeEcho     = "node-echo"
	NodeHTTP     = "node-http"
	NodeWeb      = "node-web"
)

// Peer is one server, ready to run.
type Peer struct {
	ID      string
	Title   string
	Command []string          // program and arguments
	Env     map[string]string // its own environment
	Node    bool              // runs on Node, which starts slowly
	Newer   bool              // supports 2026-07-28 too
	Adapter string            // ID of the peer that consists only of this peer's adapter; empty means none
	Package int64             // bytes of the deployment package; zero means that the peer is not deployed
}

// Set is the result of [Build].
type Set struct {
	Launcher   string // bench/launcher
	Authorizer string // functions/authorizer
	Scaled     string // bench/peers/ours
	Peers      []Peer
}

// Find returns the peer with an ID.
func (s Set) Find(id string) (Peer, error) {
	for _, p := range s.Peers {
		if p.ID == id {
			return p, nil
		}
	}
	return Peer{}, fmt.Errorf("unknown peer %q", id)
}

// goPeers returns the Go peers. Their only adapter is lambdahttp, which is part of this
// project. Our function has the environment of a deployment.
func goPeers(out string) []Peer {
	unset := settings.Settings{ServerName: "bench", LogLevel: "INFO"}.MCPEnv(nil)
	return []Peer{
		{ID: Echo, Title: "bare echo (Go)", Command: []string{filepath.Join(out, "echo")}},
		{ID: EchoOne, Title: "bare echo (Go), GOMAXPROCS=1", Command: []string{filepath.Join(out, "echo")}, Env: Threads()},
		{ID: Ours, Title: "this project", Command: []string{filepath.Join(out, "mcp")}, Env: OursEnv(), Newer: true},
		{ID: OursUnset, Title: "this project, GOMAXPROCS unset", Command: []string{filepath.Join(out, "mcp")}, Env: unset, Newer: true},
		{ID: GoSDK, Title: "go-sdk 1.8.0", Command: []string{filepath.Join(out, "gosdk")}, Newer: true},
	}
}

// OursEnv returns the environment of a deployed MCP function with at most one core, as all
// measured memory sizes have.
func OursEnv() map[string]string {
	env := settings.Settings{ServerName: "bench", LogLevel: "INFO"}.MCPEnv(nil)
	maps.Copy(env, Threads())
	return env
}

// Threads returns the variable of a function's environment that sets the number
// of threads.
func Threads() map[string]string {
	env := map[string]string{}
	settings.AddRuntime(env, settings.FullCoreMB)
	return env
}

// nodePeers returns the TypeScript servers, as installed and as one bundled file,
// and functions that measure Node and the adapters without them.
func nodePeers(node, scripts, bundles string) []Peer {
	script := func(folder, name string) []string { return []string{node, filepath.Join(folder, name)} }
	peers := []Peer{
		{ID: SDK, Title: "TypeScript SDK 1.32.2", Command: script(scripts, "sdk.mjs"), Adapter: NodeHTTP},
		{ID: SDKBundle, Title: "TypeScript SDK 1.32.2, bundled", Command: script(bundles, "sdk.cjs"), Adapter: NodeHTTP},
		{ID: Server, Title: "TypeScript server 2.4.0", Command: script(scripts, "server.mjs"), Adapter: NodeWeb, Newer: true},
		{ID: ServerBundle, Title: "TypeScript server 2.4.0, bundled", Command: script(bundles, "server.cjs"), Adapter: NodeWeb, Newer: true},
		{ID: NodeEcho, Title: "bare echo (Node 22)", Command: script(scripts, "echo.mjs")},
		{ID: NodeHTTP, Title: "HTTP adapter alone (Node 22)", Command: script(scripts, "echo_http.mjs")},
		{ID: NodeWeb, Title: "web-standard adapter alone (Node 22)", Command: script(scripts, "echo_web.mjs")},
	}
	for i := range peers {
		peers[i].Node = true
	}
	return peers
}
