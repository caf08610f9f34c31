package mcphttp

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
)

// body reads the whole body, up to MaxBody, if the budget has room for it. done releases
// that part of the budget and must be called when the body is no longer used.
func (h *handler) body(r *http.Request, p apikey.Principal) (body []byte, done func(), rejected *rejection) {
	if r.ContentLength > h.MaxBody {
		return nil, nil, h.bodyTooLarge()
	}
	size := r.ContentLength
	if size < 0 {
		size = h.MaxBody // unknown: chunked
	}
	if rejected := h.budget.allow(p.KeyID, 0, size); rejected != nil {
		return nil, nil, rejected
	}
	reserved := size
	done = func() { h.budget.release(p.KeyID, 0, reserved) }
	body, err := readBody(r, h.MaxBody)
	if reserved = int64(len(body)); reserved < size {
		h.budget.release(p.KeyID, 0, size-reserved)
	}
	switch {
	case errors.Is(err, errBodyTooLarge):
		rejected = h.bodyTooLarge()
	case err != nil:
		rejected = rejectMessage(http.StatusBadRequest, mcp.PARSE_ERROR, nil, "the message could not be read")
	default:
		return body, done, nil
	}
	done()
	return nil, nil, rejected
}

var errBodyTooLarge = errors.New("body too large")

// readBody reads at most limit bytes. It does not copy a body that is already in memory,
// as on Lambda. For a body of known length it allocates a slice of that size, because a
// growing one would take up to three times as much memory.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if memory, ok := r.Body.(interface{ Bytes() []byte }); ok && int64(len(memory.Bytes())) <= limit {
		return memory.Bytes(), nil
	}
	if r.ContentLength >= 0 {
		body := make([]byte, r.ContentLength)
		n, err := io.ReadFull(r.Body, body)
		return body[:n], err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if int64(len(body)) > limit {
		return body[:limit], errBodyTooLarge
	}
	return body, err
}

func (h *handler) bodyTooLarge() *rejection {
	return rejectMessage(http.StatusRequestEntityTooLarge, mcp.INVALID_REQUEST, nil, fmt.Sprintf("the message is larger than %d bytes", h.MaxBody))
}
