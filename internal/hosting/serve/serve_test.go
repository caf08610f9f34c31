package serve_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"serverless-mcp/internal/hosting/awsenv"
	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// reporting declares a tool that returns its configuration.
func reporting(cfg tools.Config) tool.Set {
	info := tool.Info{Name: "report", Description: "Part of a test.", ReadOnly: true}
	return tool.Set{Tools: []tool.Tool{tool.New(info, func(ctx context.Context, _ struct{}) (string, error) {
		secret, err := cfg.Secret(ctx, "TOOL_SECRET_TOKEN")
		if err != nil {
			return "", err
		}
		tool.Progress(ctx, 1, 2, "")
		r := cfg.Runtime
		return fmt.Sprintln(cfg.Setting("TOOL_GREETING"), secret, r.Region, r.Function, r.Version, r.LogStream, cfg.AWS.Region, r.Invocations()), nil
	})}}
}

// environment returns the environment of a Lambda function whose Secrets Manager, a fake,
// returns the same value for every secret.
func environment(t *testing.T) map[string]string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"SecretString":"hush"}`))
	}))
	t.Cleanup(server.Close)
	return map[string]string{
		"SERVER_NAME": "fixture", "ALLOWED_ORIGINS": "https://a.example,https://b.example",
		"TOOL_GREETING": "hello", "TOOL_SECRET_TOKEN": "arn:token", "AWS_ENDPOINT_URL_SECRETS_MANAGER": server.URL,
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s",
	}
}

func newHandler(t *testing.T, change ...func(*serve.Options)) http.Handler {
	t.Helper()
	env := environment(t)
	getenv := func(name string) string { return env[name] }
	o := serve.FromEnv(getenv)
	o.AWS = awsenv.Config(getenv)
	o.Runtime = tools.Runtime{Function: "f", Version: "$LATEST", LogStream: "stream"}
	o.Authenticate = func(*http.Request) (apikey.Principal, error) { return apikey.Principal{KeyID: "a"}, nil }
	for _, f := range change {
		f(&o)
	}
	h, err := serve.New(reporting, o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const call = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"report","arguments":{},"_meta":{"progressToken":"p"}}}`

func TestToolsGetTheirConfiguration(t *testing.T) {
	h := newHandler(t)
	rpc.Post(h, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
	got := rpc.Post(h, call).Body.String()
	want := `hello hush eu-central-1 f $LATEST stream eu-central-1 2`
	if !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestServerInfo(t *testing.T) {
	got := rpc.Post(newHandler(t), `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`).Body.String()
	if want := `"serverInfo":{"name":"fixture","version":"` + serve.Version + `"`; !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestOptionsReachTheHandler(t *testing.T) {
	if got := rpc.Post(newHandler(t), call, "Origin", "https://b.example").Code; got != http.StatusOK {
		t.Errorf("an allowed origin: %d", got)
	}
	if got := rpc.Post(newHandler(t), call, "Origin", "https://c.example").Code; got != http.StatusForbidden {
		t.Errorf("a foreign origin: %d", got)
	}
	if got := rpc.Post(newHandler(t), call).Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("the response is %s, want no stream", got)
	}
	streaming := newHandler(t, func(o *serve.Options) { o.Streaming = true })
	if got := rpc.Post(streaming, call); got.Header().Get("Content-Type") != "text/event-stream" || !strings.Contains(got.Body.String(), "notifications/progress") {
		t.Errorf("the streamed response is %s", got.Body)
	}
	cors := newHandler(t, func(o *serve.Options) { o.CORS = &mcphttp.CORS{} })
	if got := rpc.Post(cors, call, "Origin", "https://a.example").Header().Get("Access-Control-Allow-Origin"); got != "https://a.example" {
		t.Errorf("CORS allows %q", got)
	}
	none := newHandler(t, func(o *serve.Options) { o.Authenticate = nil })
	if got := rpc.Post(none, call).Code; got != http.StatusForbidden {
		t.Errorf("without Authenticate: %d, want 403", got)
	}
}

func TestReportsMistakesInTools(t *testing.T) {
	broken := func(cfg tools.Config) tool.Set {
		set := reporting(cfg)
		set.Tools[0] = set.Tools[0].WithProblem(errors.New("no table"))
		return set
	}
	o := serve.Options{Name: "x"}
	if _, err := serve.New(broken, o); err == nil || !strings.Contains(err.Error(), "no table") {
		t.Errorf("error %v, want the tool's problem", err)
	}
}
