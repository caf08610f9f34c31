package mcphttp

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/tool"
)

// rejection is a response that mcp-go did not write.
type rejection struct {
	status int
	reason string          // for the log, and the message of a JSON-RPC error
	code   int             // of the JSON-RPC error; zero means a body like API Gateway's
	id     json.RawMessage // of the request; nil if unknown
	data   any             // of the JSON-RPC error
	result any             // sent instead of a JSON-RPC error
	allow  string          // the Allow header
	header http.Header     // more headers
	noBody bool            // the client cancelled the call: send only the status
}

// rejectHTTP rejects a request before its message is read. The client gets the
// status without the reason.
func rejectHTTP(status int, reason string) *rejection {
	return &rejection{status: status, reason: reason}
}

// rejectMessage rejects a message with a JSON-RPC error.
func rejectMessage(status, code int, id json.RawMessage, reason string) *rejection {
	return &rejection{status: status, code: code, id: id, reason: reason}
}

// reject sends and logs a rejection. Headers, bodies and tool arguments are not
// logged: they may hold secrets.
func (h *handler) reject(out *response, r *http.Request, p apikey.Principal, rejected *rejection) {
	level := slog.LevelWarn
	if rejected.status >= http.StatusInternalServerError && rejected.status != http.StatusServiceUnavailable {
		level = slog.LevelError
	}
	attrs := []slog.Attr{slog.Int("status", rejected.status), slog.String("reason", rejected.reason), slog.String("method", knownMethod(r.Method))}
	if p.KeyID != "" {
		attrs = append(attrs, slog.String("keyId", p.KeyID))
	}
	h.Log.LogAttrs(r.Context(), level, "request rejected", attrs...)
	if rejected.noBody {
		out.finishEmpty(rejected.status)
		return
	}
	// A shared cache must not answer one caller with what another got.
	header := http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}}
	maps.Copy(header, rejected.header)
	if rejected.allow != "" {
		header.Set("Allow", rejected.allow)
	}
	out.finish(rejected.status, header, rejected.body())
}

// knownMethod returns an HTTP method for the log: clients can send any text.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return method
	}
	return "OTHER"
}

// logError logs a request that mcp-go rejected before it called a hook, such as
// an unknown method. The method's name is not logged: the client chose it. Nor is it
// repeated in the response.
func (h *handler) logError(ctx context.Context, rec *recorder) {
	var response rpcResponse
	if json.Unmarshal(rec.body.Bytes(), &response) != nil || response.Error == nil {
		return
	}
	if text := withoutQuotes(response.Error.Message); text != response.Error.Message {
		response.Error.Message = text
		rec.body.Reset()
		rec.body.Write(mustMarshal(response))
	}
	attrs := []slog.Attr{slog.Int("status", rec.status), slog.String("outcome", "rejected"), slog.Int("code", response.Error.Code)}
	if p, ok := tool.PrincipalFrom(ctx); ok {
		attrs = append(attrs, slog.String("keyId", p.KeyID))
	}
	h.Log.LogAttrs(ctx, slog.LevelWarn, "mcp request", attrs...)
}

// withoutQuotes returns mcp-go's error text without the parts that it quotes from the
// message or the headers.
func withoutQuotes(text string) string {
	if strings.HasPrefix(text, "Method ") && strings.HasSuffix(text, " not found") {
		return "method not found"
	}
	if header, _, ok := strings.Cut(text, ": header value "); ok {
		return header + " does not match the body"
	}
	return text
}

// body returns {"message":…} like API Gateway, or a JSON-RPC response.
func (rejected *rejection) body() []byte {
	if rejected.code == 0 && rejected.result == nil {
		return mustMarshal(map[string]string{"message": http.StatusText(rejected.status)})
	}
	body := rpcResponse{JSONRPC: mcp.JSONRPC_VERSION, ID: rejected.id, Result: rejected.result}
	if rejected.result == nil {
		body.Error = &rpcError{Code: rejected.code, Message: rejected.reason, Data: rejected.data}
	}
	return mustMarshal(body)
}

// rpcResponse is a JSON-RPC response that carries the id as it was sent; nil is
// encoded as null.
type rpcResponse struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

// mustMarshal encodes a value of this package, which cannot fail.
func mustMarshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
