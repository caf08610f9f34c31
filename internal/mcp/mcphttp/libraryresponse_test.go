package mcphttp

import (
	"context"
	"net/http"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcpserver"
)

func TestStatusOf(t *testing.T) {
	for code, want := range map[int]int{
		mcp.METHOD_NOT_FOUND: http.StatusNotFound, mcp.INTERNAL_ERROR: http.StatusOK, mcp.RESOURCE_NOT_FOUND: http.StatusOK, 0: http.StatusOK,
		mcp.HEADER_MISMATCH: http.StatusBadRequest, mcp.MISSING_REQUIRED_CLIENT_CAPABILITY: http.StatusBadRequest, mcp.UNSUPPORTED_PROTOCOL_VERSION: http.StatusBadRequest,
		mcp.INVALID_REQUEST: http.StatusBadRequest, mcp.INVALID_PARAMS: http.StatusBadRequest, mcp.PARSE_ERROR: http.StatusBadRequest,
	} {
		if got := statusOf(code); got != want {
			t.Errorf("%d: %d, want %d", code, got, want)
		}
	}
}

// A response that mcp-go returns after its context has ended is dropped, because it may be
// that of an interrupted tool.
func TestServeAfterTheEnd(t *testing.T) {
	h := New(server.NewMCPServer("fixture", "1"), Options{}).(*handler)
	m, rejected := readMessage([]byte(`{"jsonrpc":"2.0","id":1,"method":"ping"}`), false)
	if rejected != nil {
		t.Fatal(rejected.reason)
	}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), requestLineKey{}, &requestLine{report: &mcpserver.Report{}}))
	if res := h.serve(ctx, http.Header{}, m); res.status != http.StatusOK || string(res.body) != "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n" {
		t.Errorf("before the end: %d %s", res.status, res.body)
	}
	cancel()
	if res := h.serve(ctx, http.Header{}, m); res.status != 0 || res.body != nil {
		t.Errorf("after the end: %d %s", res.status, res.body)
	}
}

// A result that JSON cannot encode, or that is not of mcp-go's types, is an internal
// error.
func TestEncode(t *testing.T) {
	for name, returned := range map[string]mcp.JSONRPCMessage{"a channel": mcp.JSONRPCResponse{Result: make(chan int)}, "another type": 7} {
		if res, err := (message{}).encode(mcpserver.Response{Message: returned}); err == nil || res.status != 0 {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
	}
}
