package mcphttp

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpserver"
)

// WhoAmIPath is added to the path of an endpoint. GET returns a [WhoAmI].
//
// It is plain HTTP and not a part of MCP, so that people can use it with curl: MCP
// clients do not show members of a result that they do not know.
const WhoAmIPath = "/whoami"

// WhoAmI describes a key to its owner.
type WhoAmI struct {
	KeyID   string     `json:"keyId"`
	Tools   []string   `json:"tools"` // null means all
	Expires *time.Time `json:"expires,omitempty"`
	// Minute and Day are the limits of the key; nil means none. Their Used and Left are
	// nil unless Usage is [UsageCounted].
	Minute *LimitState `json:"minute,omitempty"`
	Day    *LimitState `json:"day,omitempty"` // the UTC day
	Usage  string      `json:"usage,omitempty"`
}

// LimitState is a limit of tool calls in a period, and how much of it is used.
type LimitState struct {
	Limit        int  `json:"limit"`
	Used         *int `json:"used,omitempty"`
	Left         *int `json:"left,omitempty"`
	ResetSeconds int  `json:"resetSeconds"` // until the period ends
}

// Values of WhoAmI.Usage for keys with limits.
const (
	UsageCounted     = "counted"
	UsageOff         = "off"         // the deployment does not count
	UsageUnavailable = "unavailable" // the count could not be read, and calls pass
)

// isWhoAmI reports whether a request is for [WhoAmIPath] of an endpoint.
func (h *handler) isWhoAmI(r *http.Request) bool {
	base, ok := strings.CutSuffix(r.URL.Path, WhoAmIPath)
	return ok && slices.Contains(h.Paths, base)
}

// whoAmI responds with what the principal may do.
func (h *handler) whoAmI(out *response, r *http.Request, p apikey.Principal) {
	line := lineFrom(r.Context())
	line.method = "whoami"
	line.report.Set(mcpserver.Result{Outcome: "ok"})
	body, err := json.Marshal(h.describe(r, p))
	if err != nil {
		panic(err) // strings and numbers only
	}
	out.finish(http.StatusOK, http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}}, body)
}

func (h *handler) describe(r *http.Request, p apikey.Principal) WhoAmI {
	w := WhoAmI{KeyID: p.KeyID, Tools: p.Tools}
	if !p.Expires.IsZero() {
		w.Expires = &p.Expires
	}
	if p.Limits.IsZero() {
		return w
	}
	now := h.Now()
	w.Minute = limitState(p.Limits.Minute, now, time.Minute)
	w.Day = limitState(p.Limits.Day, now, 24*time.Hour)
	if w.Usage = UsageOff; h.Usage == nil {
		return w
	}
	minute, day, err := h.Usage(r.Context(), p)
	if w.Usage = UsageCounted; err != nil {
		h.Log.WarnContext(r.Context(), "usage unavailable", "keyId", p.KeyID, "error", err.Error())
		w.Usage = UsageUnavailable
		return w
	}
	w.Minute.use(minute)
	w.Day.use(day)
	return w
}

// limitState returns the state of a limit without its use; nil if there is no limit.
func limitState(limit int, now time.Time, period time.Duration) *LimitState {
	if limit == 0 {
		return nil
	}
	left := period - now.UTC().Sub(now.UTC().Truncate(period))
	return &LimitState{Limit: limit, ResetSeconds: int((left + time.Second - 1) / time.Second)}
}

func (s *LimitState) use(n int) {
	if s == nil {
		return
	}
	left := max(0, s.Limit-n)
	s.Used, s.Left = &n, &left
}
