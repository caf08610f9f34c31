package mcphttp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// recorder collects what mcp-go writes. It never streams: [response] does.
type recorder struct {
	header http.Header
	status int // zero until something is written
	body   bytes.Buffer
}

func (rec *recorder) Header() http.Header {
	if rec.header == nil {
		rec.header = http.Header{}
	}
	return rec.header
}

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 {
		rec.status = status
	}
}

func (rec *recorder) Write(p []byte) (int, error) {
	rec.WriteHeader(http.StatusOK)
	return rec.body.Write(p)
}

func (rec *recorder) Flush()          {}
func (rec *recorder) CanStream() bool { return false }

// rejected turns mcp-go's plain-text errors, and panics, into JSON-RPC errors, so
// that every JSON-RPC request gets a JSON-RPC response.
func (rec *recorder) rejected(m message) *rejection {
	if rec.status < http.StatusBadRequest || rec.Header().Get("Content-Type") == "application/json" {
		return nil
	}
	if rec.status >= http.StatusInternalServerError {
		return rejectMessage(rec.status, mcp.INTERNAL_ERROR, m.ID, "internal error")
	}
	return rejectMessage(rec.status, mcp.INVALID_REQUEST, m.ID, strings.TrimSpace(rec.body.String()))
}

// withID returns the body with the id exactly as the client sent it. mcp-go
// parses a number as a float64, which rounds above 2^53 and loses its notation.
func (rec *recorder) withID(id json.RawMessage) []byte {
	body := rec.body.Bytes()
	const start = `{"jsonrpc":"2.0","id":`
	if after, ok := bytes.CutPrefix(body, []byte(start)); ok && bytes.HasPrefix(after, id) && bytes.HasPrefix(after[len(id):], []byte(",")) {
		return body // nearly always
	}
	var parsed any
	if id == nil || json.Unmarshal(id, &parsed) != nil {
		return body
	}
	rest, ok := bytes.CutPrefix(body, append([]byte(start), mustMarshal(parsed)...))
	if !ok {
		return body
	}
	return bytes.Join([][]byte{[]byte(start), id, rest}, nil)
}

// tooLarge replaces a response that exceeds the limit. For a tool call it is a
// tool error, which the model can read and act on.
func (m message) tooLarge(size int, limit int64) *rejection {
	text := fmt.Sprintf("the response is too large: %d bytes, the limit is %d", size, limit)
	if m.Method != string(mcp.MethodToolsCall) {
		return rejectMessage(http.StatusOK, mcp.INTERNAL_ERROR, m.ID, text)
	}
	result := mcp.NewToolResultError(text + "; request less")
	if m.modern {
		result.ResultType = mcp.ResultTypeComplete
	}
	return &rejection{status: http.StatusOK, reason: text, id: m.ID, result: result}
}
