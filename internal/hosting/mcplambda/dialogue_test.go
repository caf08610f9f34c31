package mcplambda_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/rogpeppe/go-internal/txtar"

	"serverless-mcp/internal/hosting/keycheck"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/golden"
	"serverless-mcp/internal/tool"
)

// TestDialogues plays the archives testdata/dialogues/*.txtar: each file "request: …" is followed
// by its "response". The text at the start of an archive says what the dialogue tests and
// names the section of the specification. Requests go through a function behind the
// gateway, from event to response; requests in files named stream_* go to the same handler
// with a writer that can stream.
func TestDialogues(t *testing.T) {
	files, err := filepath.Glob("testdata/dialogues/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			do := behindGateway(t)
			if strings.HasPrefix(name, "stream_") {
				do = overStream(t)
			}
			play(t, file, do)
		})
	}
}

// play sends each request of a file and compares, or rewrites, the responses.
func play(t *testing.T, file string, do func(*http.Request) *http.Response) {
	dialogue, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, opening := range []string{"Guards: ", "\nSpec: "} {
		if !bytes.Contains(dialogue.Comment, []byte(opening)) {
			t.Errorf("%s has no line %q", file, opening)
		}
	}
	played := &txtar.Archive{Comment: dialogue.Comment}
	for _, part := range dialogue.Files {
		if strings.HasPrefix(part.Name, "request") {
			response := do(readRequest(t, string(part.Data)))
			played.Files = append(played.Files, part, txtar.File{Name: "response", Data: []byte(writeResponse(t, response))})
		}
	}
	golden.Check(t, file, string(txtar.Format(played)))
}

// readRequest parses a request line without a version, headers, an empty line
// and a body.
func readRequest(t testing.TB, text string) *http.Request {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	method, path, ok := strings.Cut(lines[0], " ")
	if !ok {
		t.Fatalf("%q is not a request line", lines[0])
	}
	r := httptest.NewRequest(method, path, strings.NewReader(strings.TrimSpace(body)))
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("%q is not a header", line)
		}
		r.Header.Add(name, value)
	}
	return r
}

func writeResponse(t *testing.T, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	fmt.Fprintln(&text, r.StatusCode)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		fmt.Fprintf(&text, "%s: %s\n", name, strings.Join(r.Header[name], ", "))
	}
	if len(body) > 0 {
		fmt.Fprintf(&text, "\n%s\n", strings.TrimSpace(string(body)))
	}
	return text.String()
}

// behindGateway sends requests as API Gateway does: as events with an authorizer
// result, header names in lower case, and repeated headers joined.
func behindGateway(t *testing.T) func(*http.Request) *http.Response {
	handle := lambdahttp.Buffered(dialogueHandler(t, func(o *mcphttp.Options) { o.Authenticate = keycheck.FromAuthorizer }), nil)
	return func(r *http.Request) *http.Response {
		response, err := handle(t.Context(), lambdahttp.NewEvent(toEvent(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{}
		for name, value := range response.Headers {
			header.Set(name, value)
		}
		return &http.Response{StatusCode: response.StatusCode, Header: header, Body: io.NopCloser(strings.NewReader(response.Body))}
	}
}

func toEvent(t testing.TB, r *http.Request) events.APIGatewayV2HTTPRequest {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	event := events.APIGatewayV2HTTPRequest{
		RawPath: r.URL.EscapedPath(), RawQueryString: r.URL.RawQuery, Headers: map[string]string{"host": r.Host}, Body: string(body),
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			HTTP:       events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: r.Method, SourceIP: "192.0.2.1"},
			Authorizer: &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: map[string]any{"keyId": "ci", "tools": "*"}},
		},
	}
	for name, values := range r.Header {
		event.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return event
}

// overStream sends requests with a writer that can stream.
func overStream(t *testing.T) func(*http.Request) *http.Response {
	h := dialogueHandler(t, func(o *mcphttp.Options) { o.Streaming = true })
	return func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result()
	}
}

// anyone accepts every request.
func anyone(*http.Request) (apikey.Principal, error) { return apikey.Principal{KeyID: "ci"}, nil }

// dialogueHandler serves one of each kind of tool, resource, template and prompt.
func dialogueHandler(t testing.TB, change func(*mcphttp.Options)) http.Handler {
	t.Helper()
	o := mcphttp.Options{Paths: []string{settings.MCPPath, settings.BearerPath}, Authenticate: anyone, AllowedOrigins: []string{"https://app.example"}}
	change(&o)
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture", Version: "1.0.0", Streaming: o.Streaming}, dialogueSet())
	if err != nil {
		t.Fatal(err)
	}
	return mcphttp.New(s, o)
}

func dialogueSet() tool.Set {
	type text struct {
		Text string `json:"text" doc:"any text"`
	}
	type name struct {
		Name string `json:"name" doc:"a name"`
	}
	info := func(name string) tool.Info {
		return tool.Info{Name: name, Description: "For tests.", ReadOnly: true, Idempotent: true}
	}
	return tool.Set{
		Tools: []tool.Tool{
			tool.New(info("echo"), func(_ context.Context, in text) (text, error) { return in, nil }),
			tool.New(info("work"), func(ctx context.Context, in struct{}) (text, error) {
				tool.Progress(ctx, 1, 2, "half")
				tool.Log(ctx, mcp.LoggingLevelInfo, "working")
				tool.Progress(ctx, 2, 2, "")
				return text{"done"}, nil
			}),
		},
		Resources: []tool.Resource{tool.NewResource(
			tool.ResourceInfo{URI: "test://a,b", Name: "document", Description: "For tests.", Needs: "echo"},
			func(context.Context) (string, error) { return "text", nil })},
		Templates: []tool.Template{tool.NewTemplate(
			tool.TemplateInfo{URITemplate: "test://items/{name}", Name: "items", Description: "For tests.", Needs: "echo"},
			func(_ context.Context, in name) (string, error) {
				if in.Name != "1" {
					return "", tool.NotFoundf("there is no item %s", in.Name)
				}
				return "one", nil
			})},
		Prompts: []tool.Prompt{tool.NewPrompt(
			tool.PromptInfo{Name: "greet", Description: "For tests.", Needs: "echo"},
			func(_ context.Context, in name) (string, error) { return "Greet " + in.Name, nil })},
	}
}
