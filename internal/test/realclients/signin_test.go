package realclients_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"serverless-mcp/internal/devserver/issuer"
	handler "serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/hosting/signincheck"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/test/interop"
	"serverless-mcp/tools"
)

// signinClient is a client that has a command for signing in.
type signinClient struct {
	id, program string
	list        []string       // arguments that show the state of the server
	signedIn    *regexp.Regexp // matches the output of list after the sign-in, and not before
	terminal    bool           // the sign-in needs a terminal, which script(1) provides

	// ask returns arguments and variables for a run with the model at url. Nil means that the
	// list command connects to the server with the token.
	ask func(url string) (arguments, env []string)
}

func signinClients() []signinClient {
	return []signinClient{
		{
			id: "claude-code", program: "@anthropic-ai/claude-code-" + native + "/claude",
			list: []string{"mcp", "list"}, signedIn: regexp.MustCompile(`shop: .*Connected`), terminal: true,
		},
		{
			id: "codex", program: "@openai/codex/vendor/x86_64-unknown-linux-musl/bin/codex",
			list: []string{"mcp", "list"}, signedIn: regexp.MustCompile(`shop .*OAuth`), ask: askCodex,
		},
	}
}

// signinServer is our server with sign-in at a local issuer. It records what clients send.
type signinServer struct {
	url string

	mu       sync.Mutex
	accepted int  // requests with a token that were served
	keys     bool // a request contained a key
}

func startSigninServer(t *testing.T) *signinServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := issuer.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(nil)
	p := &signinServer{url: "http://" + s.Listener.Addr().String() + "/signin/mcp"}
	at, stop, err := issuer.Serve(l, issuer.Options{Resource: p.url, Scopes: []string{"tools"}, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stop() })
	h, err := handler.New(tools.All, handler.Options{
		Name: "shop", Signin: signincheck.Options{Issuer: at, Resource: p.url, Scopes: "tools", Tools: "analysts=*"},
		Authenticate: func(*http.Request) (apikey.Principal, error) { return apikey.Principal{}, mcphttp.ErrUnauthorized },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(status, r)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.keys = p.keys || r.Header.Get("X-Api-Key") != ""
		if r.Method == http.MethodPost && r.Header.Get("Authorization") != "" && status.status < 300 {
			p.accepted++
		}
	})
	s.Start()
	t.Cleanup(s.Close)
	return p
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader records the status.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the original writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// TestRealClientsSignIn: clients that mcpctl connect --signin has configured sign in with the
// command that mcpctl prints, in a browser, and use the server. They send no key.
func TestRealClientsSignIn(t *testing.T) {
	node, mcpctl := install(t)
	for _, c := range signinClients() {
		t.Run(c.id, func(t *testing.T) {
			p := startSigninServer(t)
			home, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			env := append(environment(home), "PATH="+browserIn(t, node, home)+string(os.PathListSeparator)+os.Getenv("PATH"),
				"BROWSER=xdg-open", "DISPLAY=:99", "MCP_NAME=ada", "MCP_GROUPS=analysts")
			run := func(program string, arguments ...string) string {
				ctx, cancel := context.WithTimeout(t.Context(), timeout)
				defer cancel()
				cmd := exec.CommandContext(ctx, program, arguments...)
				cmd.Dir, cmd.Env, cmd.WaitDelay = home, env, 5*time.Second
				out, err := cmd.CombinedOutput()
				text := ansi.ReplaceAllString(string(out), "")
				if err != nil {
					log, _ := os.ReadFile(filepath.Join(home, "browser.log"))
					t.Fatalf("%s %q: %v\n%s\nbrowser: %s", c.id, arguments, err, text, log)
				}
				return text
			}
			printed := run(mcpctl, "connect", c.id, "--signin", "--name", "shop", "--url", p.url)
			command := regexp.MustCompile(`(?m)^ +\w+ (mcp login shop)$`).FindStringSubmatch(printed)
			if command == nil {
				t.Fatalf("connect prints no command to sign in:\n%s", printed)
			}
			program := filepath.Join(node.Dir, "node_modules", filepath.FromSlash(c.program))
			if before := run(program, c.list...); c.signedIn.MatchString(before) {
				t.Errorf("signed in before the sign-in:\n%s", before)
			}
			if c.terminal {
				run("script", "-qec", quoted(program)+" "+command[1], os.DevNull)
			} else {
				run(program, strings.Fields(command[1])...)
			}
			if after := run(program, c.list...); !c.signedIn.MatchString(after) {
				t.Errorf("not signed in:\n%s", after)
			}
			if c.ask != nil {
				m := serveModel(t, 20)
				arguments, variables := c.ask(m.url)
				env = append(env, variables...)
				if out := run(program, arguments...); !m.calculated() {
					t.Errorf("%s did not call the tool: %s\n%s", c.id, m, out)
				}
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.keys || p.accepted == 0 {
				t.Errorf("%d requests with a token were accepted; a key was sent: %t", p.accepted, p.keys)
			}
		})
	}
}

// browserIn writes a script into the home folder that acts as a browser and signs in, and
// returns the script's folder.
func browserIn(t *testing.T, node interop.Node, home string) string {
	t.Helper()
	script, err := filepath.Abs("../interop/node/browser.mjs")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(home, "bin")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	program := node.Command(t.Context(), script).Path
	text := fmt.Sprintf("#!/bin/sh\nexec %s %s \"$1\" >>%s 2>&1\n", quoted(program), quoted(script), quoted(filepath.Join(home, "browser.log")))
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// quoted quotes a path for a shell. JSON's quotes are enough for the paths of tests.
func quoted(path string) string {
	text, err := json.Marshal(path)
	if err != nil {
		panic(err)
	}
	return string(text)
}
