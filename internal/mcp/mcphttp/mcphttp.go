// Package mcphttp serves an MCP server over HTTP: one handler with every guard
// that Streamable HTTP asks for, used by every shape of deployment. It speaks
// both eras of the protocol: 2026-07-28, where each request stands alone, and
// 2025-11-25 and before, without sessions or, with Options.Sessions, in them.
//
// The library behind it, mcp-go, reads and answers the messages. What it
// leaves open is closed here, in front of it: who may ask, from which origin,
// by which method, how much, for how long, and how large an answer may be.
package mcphttp

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/tool"
)

// What Options.Authenticate returns to refuse a caller.
var (
	ErrUnauthorized = errors.New("no usable key")   // answered with 401
	ErrForbidden    = errors.New("key not allowed") // answered with 403
)

// DefaultMax is what a body or an answer may have where Options does not say:
// base64 makes it 6,000,000 bytes, which leaves Lambda's payload of 6 MB room
// for the headers around it.
const DefaultMax = 4_500_000

// Options say who may ask, and where the limits are.
type Options struct {
	Paths []string // paths of the endpoint, each also served with a trailing slash; empty means /mcp

	// Authenticate says who is asking. An error that is neither
	// ErrUnauthorized nor ErrForbidden is answered with 500. Required: nil
	// refuses every call.
	Authenticate func(*http.Request) (apikey.Principal, error)

	AllowedOrigins []string          // origins of web pages that may ask; empty means none. Requests without an Origin always pass
	CORS           *CORS             // answer preflights and add CORS headers; nil means that a gateway in front does
	MaxBody        int64             // bytes of a request; zero means DefaultMax
	MaxAnswer      int64             // bytes of an answer; zero means DefaultMax, negative means no limit
	Margin         time.Duration     // kept back from the context's deadline for an answer; zero means 1 second
	Streaming      bool              // send progress and log messages as they come, where the writer can; false means one JSON answer
	KeepAlive      time.Duration     // between comments on a silent stream; zero means 15 seconds
	Sessions       *mcpsession.Store // of clients before 2026-07-28; nil means that there are none
	Log            *slog.Logger      // a line for each refused request; nil means no log
	Now            func() time.Time
}

type handler struct {
	Options
	library   *server.MCPServer
	mcp       *server.StreamableHTTPServer
	corrected http.Handler // answers, with the error codes put right
}

// New makes the handler for s.
func New(s *server.MCPServer, o Options) http.Handler {
	if len(o.Paths) == 0 {
		o.Paths = []string{"/mcp"}
	}
	o.MaxBody = cmp.Or(o.MaxBody, DefaultMax)
	o.MaxAnswer = cmp.Or(o.MaxAnswer, DefaultMax)
	o.Margin = cmp.Or(o.Margin, time.Second)
	o.KeepAlive = cmp.Or(o.KeepAlive, 15*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Authenticate == nil {
		o.Authenticate = func(*http.Request) (apikey.Principal, error) { return apikey.Principal{}, ErrForbidden }
	}
	h := &handler{
		Options: o,
		library: s,
		mcp: server.NewStreamableHTTPServer(s,
			server.WithStateLess(true),
			server.WithStreamableHTTPLogger(o.Log),
			server.WithHTTPContextFunc(func(ctx context.Context, _ *http.Request) context.Context {
				return s.WithContext(ctx, sessionFrom(ctx))
			})),
	}
	h.corrected = mcpserver.Correct(http.HandlerFunc(h.respond))
	return h
}

// ServeHTTP implements http.Handler. Where nothing may be streamed, nobody gets
// to see that the writer could.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.CORS != nil && h.preflight(w, r) {
		return
	}
	if !h.Streaming || !acceptsStream(r.Header) {
		w = struct{ http.ResponseWriter }{w}
	}
	h.corrected.ServeHTTP(w, r)
}

// respond answers a request, or refuses it: every way out that is not the MCP
// server's own answer goes through a refusal and leaves a line in the log.
func (h *handler) respond(w http.ResponseWriter, r *http.Request) {
	out := newReply(w)
	p, refused := h.admit(r)
	if refused == nil {
		refused = h.route(out, r.WithContext(tool.WithPrincipal(r.Context(), p)), p)
	}
	if refused != nil {
		h.refuse(out, r, p, refused)
	}
	if out.kept != nil {
		out.kept.End()
	}
}

// exchange reads the message and answers it, in a session or, if that is nil,
// by itself.
func (h *handler) exchange(out *reply, r *http.Request, in *mcpsession.Session) *refusal {
	body, m, refused := h.read(out, r, in != nil)
	if refused != nil {
		return refused
	}
	if m.answers() {
		return takeAnswer(out, body, m, in)
	}
	if m.Method == string(mcp.MethodNotificationCancelled) && m.ID == nil {
		// Without a session to tell requests apart by, the library could cancel
		// anybody's that has the same id. There, to cancel, hang up.
		if in != nil {
			in.Cancel(string(m.Params.RequestID))
		}
		out.finish(http.StatusAccepted, nil, nil)
		return nil
	}
	return h.call(out, r, body, m, in)
}
