package mcphttp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// answer collects what the library writes. It never streams: the stream is
// ours, see [reply].
type answer struct {
	header http.Header
	status int // zero means that nothing was written
	body   bytes.Buffer
}

func (a *answer) Header() http.Header {
	if a.header == nil {
		a.header = http.Header{}
	}
	return a.header
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *answer) Flush()          {}
func (a *answer) CanStream() bool { return false }

// refused turns an error that the library tells in plain text, and a panic,
// into a JSON-RPC error: whoever sends JSON-RPC gets JSON-RPC.
func (a *answer) refused(m message) *refusal {
	if a.status < http.StatusBadRequest || a.Header().Get("Content-Type") == "application/json" {
		return nil
	}
	if a.status >= http.StatusInternalServerError {
		return refuseMessage(a.status, mcp.INTERNAL_ERROR, m.ID, "internal error")
	}
	return refuseMessage(a.status, mcp.INVALID_REQUEST, m.ID, strings.TrimSpace(a.body.String()))
}

// withID is the body with the id exactly as it was sent. The library reads a
// number as a float64, which rounds above 2^53 and forgets how it was written.
func (a *answer) withID(id json.RawMessage) []byte {
	body := a.body.Bytes()
	var read any
	if id == nil || json.Unmarshal(id, &read) != nil {
		return body
	}
	const start = `{"jsonrpc":"2.0","id":`
	rest, ok := bytes.CutPrefix(body, append([]byte(start), mustMarshal(read)...))
	if !ok {
		return body
	}
	return bytes.Join([][]byte{[]byte(start), id, rest}, nil)
}

// tooLarge stands in for an answer that no payload can carry. A tool's answer
// becomes a tool error, which the model reads and can act on.
func (m message) tooLarge(size int, limit int64) *refusal {
	text := fmt.Sprintf("the answer is too large: %d bytes, and at most %d can be sent", size, limit)
	if m.Method != string(mcp.MethodToolsCall) {
		return refuseMessage(http.StatusOK, mcp.INTERNAL_ERROR, m.ID, text)
	}
	result := mcp.NewToolResultError(text + "; ask for less")
	if m.modern {
		result.ResultType = mcp.ResultTypeComplete
	}
	return &refusal{status: http.StatusOK, reason: text, id: m.ID, result: result}
}
