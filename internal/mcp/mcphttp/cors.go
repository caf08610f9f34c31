package mcphttp

import (
	"net/http"

	"github.com/mark3labs/mcp-go/server"
)

// What a page may send, and what it may read of the answer. Both are the
// headers that the protocol defines, plus the key's.
const (
	corsAllow  = "Content-Type, X-Api-Key, Authorization, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id"
	corsMaxAge = "300"
)

// preflight adds the headers that a browser asks for and reports whether the
// request was a preflight, which it then has answered. A preflight carries no
// key, so it is answered before anybody is asked for one.
func (h *handler) preflight(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Add("Vary", "Origin")
	origins, ok := r.Header["Origin"]
	if !ok || !h.allowed(origins) {
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origins[0])
	methods, allow := http.MethodPost, corsAllow
	if h.Sessions != nil {
		methods, allow = "POST, GET, DELETE", corsAllow+", Last-Event-ID"
		w.Header().Set("Access-Control-Expose-Headers", server.HeaderKeySessionID)
	}
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	w.Header().Set("Access-Control-Allow-Methods", methods)
	w.Header().Set("Access-Control-Allow-Headers", allow)
	w.Header().Set("Access-Control-Max-Age", corsMaxAge)
	w.WriteHeader(http.StatusNoContent)
	return true
}
