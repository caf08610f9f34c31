package mcphttp

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// rejection is a response that mcp-go did not write.
type rejection struct {
	status     int
	reason     string          // for the log, and the message of a JSON-RPC error
	code       int             // of the JSON-RPC error; zero means a body like API Gateway's
	id         json.RawMessage // of the request; nil if unknown
	data       any             // of the JSON-RPC error
	result     any             // sent instead of a JSON-RPC error
	allow      string          // the Allow header
	header     http.Header     // more headers
	statusOnly bool            // the client cancelled the call: send only the status

	httpMethod string // for the log, unless it is POST
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

// outcomeRejected is the outcome of a request that was rejected.
const outcomeRejected = "rejected"

// outcome returns the outcome for the log.
func (rejected *rejection) outcome() string {
	if rejected.result != nil {
		return "tool error"
	}
	switch rejected.status {
	case http.StatusGatewayTimeout:
		return "timeout"
	case statusClientDisconnected:
		return "disconnected"
	case http.StatusAccepted:
		return "cancelled"
	case http.StatusInternalServerError:
		return "error"
	}
	return outcomeRejected
}

// level returns the level of the log line.
func (rejected *rejection) level() slog.Level {
	if rejected.status >= http.StatusInternalServerError && rejected.status != http.StatusServiceUnavailable {
		return slog.LevelError
	}
	return slog.LevelWarn
}

// reject sends a rejection.
func (out *response) reject(rejected *rejection) {
	if rejected.statusOnly {
		out.finishEmpty(rejected.status)
		return
	}
	// A shared cache must not send one caller's response to another.
	header := http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}}
	maps.Copy(header, rejected.header)
	if rejected.allow != "" {
		header.Set("Allow", rejected.allow)
	}
	out.finish(rejected.status, header, rejected.body())
}

// otherMethod returns the HTTP method for the log: "" for POST, and "OTHER" for
// nonstandard methods, because clients can send any text.
func otherMethod(method string) string {
	switch method {
	case http.MethodPost:
		return ""
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace:
		return method
	}
	return "OTHER"
}

// knownMCPMethod returns the method of a message for the log: "unknown" for methods that
// MCP does not define, because clients can send any text.
func knownMCPMethod(method string) string {
	switch mcp.MCPMethod(method) {
	case mcp.MethodInitialize, mcp.MethodPing, mcp.MethodServerDiscover, mcp.MethodSubscriptionsListen, mcp.MethodSetLogLevel,
		mcp.MethodToolsList, mcp.MethodToolsCall, mcp.MethodPromptsList, mcp.MethodPromptsGet, mcp.MethodCompletionComplete,
		mcp.MethodResourcesList, mcp.MethodResourcesTemplatesList, mcp.MethodResourcesRead, mcp.MethodResourcesSubscribe, mcp.MethodResourcesUnsubscribe,
		mcp.MethodTasksGet, mcp.MethodTasksList, mcp.MethodTasksResult, mcp.MethodTasksCancel, "tasks/update":
		return method
	}
	return "unknown"
}

// addError adds the error of a request that mcp-go rejected before it called a hook,
// such as an unknown method.
func (l *requestLine) addError(res libraryResponse) {
	if _, served := l.report.Result(); !served {
		l.status, l.code = res.status, res.code
	}
}

// withoutQuotes removes the client's text from an error of mcp-go (see [addError]),
// because that text must neither be logged nor sent back.
func (l *requestLine) withoutQuotes(message mcp.JSONRPCMessage) mcp.JSONRPCMessage {
	failed, ok := message.(mcp.JSONRPCError)
	if _, served := l.report.Result(); !ok || served {
		return message
	}
	failed.Error.Message = withoutQuotes(failed.Error.Message)
	return failed
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
