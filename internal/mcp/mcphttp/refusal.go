package mcphttp

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/tool"
)

// refusal is an answer that the MCP server had no part in.
type refusal struct {
	status int
	reason string          // for the log; it also is the message of a JSON-RPC error
	code   int             // of a JSON-RPC error; zero means an HTTP matter, answered as API Gateway answers
	id     json.RawMessage // the request's; nil where it is not known
	data   any             // of the JSON-RPC error
	result any             // in place of a JSON-RPC error
	allow  string          // the Allow header
	silent bool            // the caller has asked not to be answered
}

// refuseHTTP refuses before anybody has looked at the message. The caller
// learns the status and nothing else.
func refuseHTTP(status int, reason string) *refusal {
	return &refusal{status: status, reason: reason}
}

// refuseMessage refuses a message, in the words of its protocol.
func refuseMessage(status, code int, id json.RawMessage, reason string) *refusal {
	return &refusal{status: status, code: code, id: id, reason: reason}
}

// refuse answers and logs. Headers, bodies and tool arguments stay out of the
// log: they may hold secrets.
func (h *handler) refuse(out *reply, r *http.Request, p apikey.Principal, refused *refusal) {
	level := slog.LevelWarn
	if refused.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	attrs := []slog.Attr{slog.Int("status", refused.status), slog.String("reason", refused.reason), slog.String("method", r.Method)}
	if p.KeyID != "" {
		attrs = append(attrs, slog.String("keyId", p.KeyID))
	}
	h.Log.LogAttrs(r.Context(), level, "request refused", attrs...)
	if refused.silent {
		out.none(refused.status)
		return
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if refused.allow != "" {
		header.Set("Allow", refused.allow)
	}
	out.finish(refused.status, header, refused.body())
}

// logError leaves the line about a request that the library refused before it
// knew what was asked for: an unknown method, headers that the body belies. What
// the method was called stays out; the caller made it up.
func (h *handler) logError(ctx context.Context, a *answer) {
	var answered struct{ Error *rpcError }
	if json.Unmarshal(a.body.Bytes(), &answered) != nil || answered.Error == nil {
		return
	}
	attrs := []slog.Attr{slog.Int("status", a.status), slog.String("outcome", "refused"), slog.Int("code", answered.Error.Code)}
	if p, ok := tool.PrincipalFrom(ctx); ok {
		attrs = append(attrs, slog.String("keyId", p.KeyID))
	}
	h.Log.LogAttrs(ctx, slog.LevelWarn, "mcp request", attrs...)
}

// body is {"message":…} like API Gateway's own, or a JSON-RPC error.
func (refused *refusal) body() []byte {
	if refused.code == 0 && refused.result == nil {
		return mustMarshal(map[string]string{"message": http.StatusText(refused.status)})
	}
	body := rpcAnswer{JSONRPC: mcp.JSONRPC_VERSION, ID: refused.id, Result: refused.result}
	if refused.result == nil {
		body.Error = &rpcError{Code: refused.code, Message: refused.reason, Data: refused.data}
	}
	return mustMarshal(body)
}

// rpcAnswer is a JSON-RPC response that carries the id as it was sent. A nil
// id goes out as null.
type rpcAnswer struct {
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

// mustMarshal encodes what is ours, which cannot fail.
func mustMarshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
