package mcphttp

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// CORS says what a browser may let pages of other origins do.
// https://fetch.spec.whatwg.org/#http-cors-protocol
type CORS struct {
	Headers []string      // request headers that a page may send, in addition to Last-Event-ID in sessions
	MaxAge  time.Duration // how long a browser may cache a preflight response
}

// preflight adds the CORS headers to the response. If the request is a preflight, it
// also answers it and returns true. A preflight carries no key, so preflight is called
// before authentication.
func (h *handler) preflight(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Add("Vary", "Origin")
	origins, ok := r.Header["Origin"]
	if !ok || !h.allowed(origins) {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origins[0])
	methods, headers := http.MethodPost, strings.Join(h.CORS.Headers, ", ")
	if h.Sessions != nil {
		methods, headers = "POST, GET, DELETE", headers+", "+mcp.HeaderLastEventID
		w.Header().Set("Access-Control-Expose-Headers", server.HeaderKeySessionID)
	}
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	w.Header().Set("Access-Control-Allow-Methods", methods)
	w.Header().Set("Access-Control-Allow-Headers", headers)
	w.Header().Set("Access-Control-Max-Age", strconv.Itoa(int(h.CORS.MaxAge.Seconds())))
	w.WriteHeader(http.StatusNoContent)
	return true
}
