// Package peer knows the servers that are compared, and makes them ready to run.
package peer

import (
	"fmt"
	"maps"
	"path/filepath"

	"serverless-mcp/internal/settings"
)

// The servers, by what they are called in flags and in results.
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
	Command []string          // path of its program, and its arguments
	Env     map[string]string // its own environment
	Node    bool              // runs on Node, and starts slowly
	Newer   bool              // speaks 2026-07-28 too
	Adapter string            // ID of the peer that is this one's adapter and nothing else; empty means it has none
	Package int64             // bytes of what is uploaded for it; zero means that nobody would upload it
}

// Set is everything that was built.
type Set struct {
	Launcher   string // bench/launcher
	Authorizer string // functions/authorizer
	Scaled     string // bench/peers/ours
	Peers      []Peer
}

// Find is the peer with that ID.
func (s Set) Find(id string) (Peer, error) {
	for _, p := range s.Peers {
		if p.ID == id {
			return p, nil
		}
	}
	return Peer{}, fmt.Errorf("there is no peer %q", id)
}

// goPeers returns the Go peers. They use no adapter except lambdahttp, which is
// part of ours, and ours has the environment of a deployment.
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

// OursEnv returns the environment of a deployed MCP function. No memory size that
// is measured has more than one core.
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

// nodePeers are the TypeScript servers as installed and as one bundled file,
// and the functions that tell what Node and the adapters cost without them.
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
