package interop_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"serverless-mcp/internal/devserver/issuer"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/interop"
)

// listen returns a listener on any port.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// localIssuer runs the issuer of the local server and returns its URL.
func localIssuer(t *testing.T, resource string) string {
	url, stop, err := issuer.Serve(listen(t), issuer.Options{Resource: resource, Scopes: []string{"tools"}, Key: must(issuer.NewKey)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stop() })
	return url
}

// otherIssuer returns a function that runs oidc-provider, which others wrote, and
// returns its URL.
func otherIssuer(node interop.Node) func(t *testing.T, resource string) string {
	return func(t *testing.T, resource string) string {
		cmd := node.Command(t.Context(), "issuer.mjs") // ends when its standard input does
		cmd.Env = append(cmd.Environ(), "MCP_RESOURCE="+resource)
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = stdin.Close()
			if err := cmd.Wait(); err != nil && t.Failed() {
				t.Logf("oidc-provider: %v\n%s", err, &stderr)
			}
		})
		line, err := bufio.NewReader(stdout).ReadString('\n')
		if err != nil {
			t.Fatalf("oidc-provider did not start: %v\n%s", err, &stderr)
		}
		return strings.TrimSpace(line)
	}
}

// signinChain runs the sample tools in a deployment shape, with sign-in at an
// issuer, and returns the base URL of the server.
func signinChain(t *testing.T, shape string, newIssuer func(t *testing.T, resource string) string) (server string) {
	t.Helper()
	listener := listen(t)
	server = "http://" + listener.Addr().String()
	chosen, err := settings.Parse(map[string]string{
		"API_KEY": rightKey, "SERVER_NAME": "interop", "SHAPES": shape, "CONTAINER_MIN_TASKS": "2",
		"THROTTLE_RATE": "1000", "THROTTLE_BURST": "1000",
		"SIGNIN_ISSUER": "https://login.example.com", "SIGNIN_SCOPES": "tools", "SIGNIN_TOOLS": "analysts=calculate",
	})
	if err != nil {
		t.Fatal(err)
	}
	chosen.Signin.Issuer = newIssuer(t, server+settings.SigninPath) // settings accept https only
	interop.Run(t, "functions", chosen, listener, server+settings.SigninPath)
	return server
}

func must[A, B any](f func() (A, B, error)) A {
	a, _, err := f()
	if err != nil {
		panic(err)
	}
	return a
}

// TestSignin: clients that others wrote find the issuer from a bare 401, register,
// sign in, call, and refresh their token, although the gateway renames the header
// with the challenge. A person's groups are the scope. Keys work beside it.
func TestSignin(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("../../../tools/calculate.go"); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the sample tools have been deleted")
	}
	node := interop.Install(t)
	for name, c := range map[string]struct {
		shape  string
		issuer func(*testing.T, string) string
	}{
		"http-api":  {settings.ShapeHTTPAPI, otherIssuer(node)},
		"stream":    {settings.ShapeStream, localIssuer},
		"container": {settings.ShapeContainer, localIssuer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := signinChain(t, c.shape, c.issuer)
			var wg sync.WaitGroup
			defer wg.Wait()
			for _, client := range []string{"sdk-1", "sdk-2", "sdk-2-auto"} {
				wg.Go(func() { signsIn(t, node, client, server+settings.SigninPath) })
			}
			for _, c := range clients(t, node)[1:4] {
				wg.Go(func() { works(t, c, address{url: server + "/mcp", key: rightKey}) })
			}
		})
	}
}

// signsIn has a client do everything.
func signsIn(t *testing.T, node interop.Node, client, url string) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := node.Command(ctx, "signin.mjs", client)
	cmd.Env = append(cmd.Environ(), "MCP_URL="+url, "MCP_NAME=ada", "MCP_GROUPS=analysts, others",
		`MCP_CALLS=[{"name":"calculate","arguments":{"operation":"multiply","a":6,"b":7}},{"name":"get_weather","arguments":{"city":"Lisbon"}}]`)
	out, stderr, err := output(cmd)
	var got struct {
		heard
		Refreshed     bool
		Registrations int
	}
	if err != nil || json.Unmarshal(out, &got) != nil || got.Error != "" {
		t.Errorf("%s: %v %s %s %s", client, err, got.Error, out, stderr)
		return
	}
	if !slices.Equal(got.Tools, []string{"calculate"}) || got.Registrations != 1 || !got.Refreshed || len(got.Results) != 4 {
		t.Errorf("%s: tools %q, %d registrations, refreshed %t, %d results; want calculate, 1, true, 4", client, got.Tools, got.Registrations, got.Refreshed, len(got.Results))
		return
	}
	for n, r := range got.Results {
		if n%2 == 0 && r.StructuredContent["result"] != 42.0 {
			t.Errorf("%s: calculate returned %+v", client, r)
		}
		if n%2 == 1 && !r.IsError && r.ProtocolError == "" {
			t.Errorf("%s: a tool of another group was called: %+v", client, r)
		}
	}
}

// TestSigninLeavesKeysAlone: clients with keys see nothing of sign-in. There is no
// document at the root or for /mcp, and no challenge.
func TestSigninLeavesKeysAlone(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds the functions")
	}
	server := signinChain(t, settings.ShapeHTTPAPI, localIssuer)
	for path, want := range map[string]int{
		"/.well-known/oauth-protected-resource":            404,
		"/.well-known/oauth-protected-resource/mcp":        404,
		"/.well-known/oauth-authorization-server":          404,
		"/.well-known/openid-configuration":                404,
		"/.well-known/oauth-protected-resource/signin/mcp": 200,
		"/mcp":        401,
		"/signin/mcp": 405, // GET: what clients probe with
	} {
		response, err := http.Get(server + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("GET %s: status %d, want %d", path, response.StatusCode, want)
		}
		if path == "/mcp" && strings.Contains(strings.ToLower(headerNames(response.Header)), "www-authenticate") {
			t.Errorf("GET %s: a challenge for clients with keys: %v", path, response.Header)
		}
	}
}

func headerNames(h http.Header) string {
	var names []string
	for name := range h {
		names = append(names, name)
	}
	return strings.Join(names, " ")
}
