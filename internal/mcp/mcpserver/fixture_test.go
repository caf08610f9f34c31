package mcpserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/tool"
)

// These tests do not use the sample tools, so that users can remove those.

type word struct {
	Word string `json:"word" min:"1" doc:"a word"`
}

type echoed struct {
	Word string `json:"word" doc:"the same word"`
}

// define returns a tool that calls fn.
func define[In, Out any](name string, fn func(context.Context, In) (Out, error)) tool.Tool {
	return tool.New(tool.Info{Name: name, Description: "A fixture."}, fn)
}

func fixtures() tool.Set {
	return tool.Set{
		Tools: []tool.Tool{
			define("zebra", func(_ context.Context, in word) (echoed, error) { return echoed(in), nil }),
			define("echo", func(_ context.Context, in word) (echoed, error) { return echoed(in), nil }),
			define("sorry", func(context.Context, struct{}) (string, error) { return "", tool.Errorf("try later") }),
			define("broken", func(context.Context, struct{}) (string, error) { return "", errors.New("dial 10.0.0.1: key s3cret") }),
			define("panics", func(context.Context, struct{}) (string, error) { panic("s3cret") }),
			define("nil", func(context.Context, struct{}) (*mcp.CallToolResult, error) { return nil, nil }),
			define("forged", func(context.Context, struct{}) (string, error) {
				return "", tool.InvalidParamsf("the state is not mine")
			}),
			define("needs", func(context.Context, struct{}) (string, error) {
				return "", mcp.MissingRequiredClientCapabilityError{Capability: "sampling"}
			}),
		},
		Resources: []tool.Resource{
			resource("fixture://zebra", "zebra", "zebra", nil),
			resource("fixture://echo", "echo", "echo", nil),
			resource("fixture://broken", "broken", "broken", errors.New("s3cret")),
		},
		Templates: []tool.Template{tool.NewTemplate(tool.TemplateInfo{
			URITemplate: "word://{word}", Name: "word", Description: "A fixture.", Needs: "echo", Complete: completers(),
		}, func(_ context.Context, in word) (echoed, error) {
			if in.Word == "none" {
				return echoed{}, tool.NotFoundf("there is no word %q", in.Word)
			}
			return echoed(in), nil
		})},
		Prompts: []tool.Prompt{tool.NewPrompt(tool.PromptInfo{
			Name: "say", Description: "A fixture.", Needs: "echo", Complete: completers(),
		}, func(_ context.Context, in word) (string, error) { return "Say " + in.Word, nil }),
			tool.RawPrompt(mcp.NewPrompt("nil"), "nil", func(context.Context, mcp.GetPromptRequest) (*mcp.GetPromptResult, error) { return nil, nil }),
		},
	}
}

func completers() map[string]tool.Completer {
	return map[string]tool.Completer{"word": func(_ context.Context, typed string, _ map[string]string) ([]string, error) {
		if typed == "boom" {
			return nil, errors.New("s3cret")
		}
		return []string{"alpha", "beta"}, nil
	}}
}

func resource(uri, name, needs string, err error) tool.Resource {
	info := tool.ResourceInfo{URI: uri, Name: name, Description: "A fixture.", Needs: needs}
	return tool.NewResource(info, func(context.Context) (string, error) { return "contents of " + name, err })
}

// everyone may use all tools; noTools may use none.
var (
	everyone = &apikey.Principal{KeyID: "everyone"}
	noTools  = &apikey.Principal{KeyID: "noTools", Tools: []string{}}
)

// rig is a server with its HTTP handlers and its log.
type rig struct {
	served http.Handler // with every guard
	bare   http.Handler // the server without mcphttp
	log    bytes.Buffer
}

func newRig(t testing.TB, set tool.Set) *rig {
	t.Helper()
	return newLimitedRig(t, set, nil)
}

func newLimitedRig(t testing.TB, set tool.Set, limit mcpserver.Limit) *rig {
	t.Helper()
	r := &rig{}
	clock := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	s, err := mcpserver.New(mcpserver.Options{
		Name: "fixture", Limit: limit,
		Log: slog.New(slog.NewJSONHandler(&r.log, nil)),
		Now: func() time.Time { clock = clock.Add(1500 * time.Microsecond); return clock },
	}, set)
	if err != nil {
		t.Fatal(err)
	}
	r.served = mcphttp.New(s, mcphttp.Options{Streaming: true, Authenticate: func(request *http.Request) (apikey.Principal, error) {
		p, _ := tool.PrincipalFrom(request.Context())
		return p, nil
	}})
	r.bare = http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		message, err := io.ReadAll(request.Body)
		if err == nil {
			err = json.NewEncoder(w).Encode(mcpserver.Respond(request.Context(), s, message).Message)
		}
		if err != nil {
			t.Error(err)
		}
	})
	return r
}

// A request holds the properties of a request that tests vary.
type request struct {
	caller *apikey.Principal // nil means an unauthenticated request
	legacy bool              // protocol 2025-11-25 instead of 2026-07-28
	stream bool              // the response may be streamed
	bare   bool              // without mcphttp, which writes the log line itself
	meta   map[string]any    // added to _meta
	ctx    context.Context   // nil means one without a deadline
}

// do sends a request of the method and returns the status and the body.
func (r *rig) do(t testing.TB, how request, method string, params map[string]any) (int, string) {
	t.Helper()
	body := map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": how.params(params)}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodPost, "/mcp", bytes.NewReader(text))
	if how.ctx != nil {
		req = req.WithContext(how.ctx)
	}
	for name, value := range how.headers(method, params) {
		req.Header.Set(name, value)
	}
	handler := r.bare
	if how.caller != nil {
		if !how.bare {
			handler = r.served
		}
		req = req.WithContext(tool.WithPrincipal(req.Context(), *how.caller))
	}
	recorder := httptest.NewRecorder()
	var w http.ResponseWriter = recorder
	if !how.stream {
		w = struct{ http.ResponseWriter }{recorder} // hides Flush
	}
	handler.ServeHTTP(w, req)
	text, err = io.ReadAll(recorder.Body)
	if err != nil {
		t.Fatal(err)
	}
	return recorder.Code, strings.TrimSpace(string(text))
}

func (how request) params(params map[string]any) map[string]any {
	all := map[string]any{}
	for name, value := range params {
		all[name] = value
	}
	meta := map[string]any{}
	if !how.legacy {
		meta["io.modelcontextprotocol/protocolVersion"] = mcp.ProtocolVersion20260728
		meta["io.modelcontextprotocol/clientCapabilities"] = map[string]any{}
	}
	for name, value := range how.meta {
		meta[name] = value
	}
	all["_meta"] = meta
	return all
}

func (how request) headers(method string, params map[string]any) map[string]string {
	h := map[string]string{"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
	if how.legacy {
		h["Mcp-Protocol-Version"] = mcp.ProtocolVersion20251125
		return h
	}
	h["Mcp-Protocol-Version"] = mcp.ProtocolVersion20260728
	h["Mcp-Method"] = method
	for _, key := range []string{"name", "uri"} {
		if name, ok := params[key].(string); ok {
			h["Mcp-Name"] = name
		}
	}
	return h
}

// result returns the result of a response.
func result(t testing.TB, body string) map[string]any {
	t.Helper()
	var message struct {
		Result map[string]any `json:"result"`
		Error  any            `json:"error"`
	}
	if err := json.Unmarshal([]byte(body), &message); err != nil || message.Result == nil {
		t.Fatalf("response %s: %v, want a result", body, err)
	}
	return message.Result
}
