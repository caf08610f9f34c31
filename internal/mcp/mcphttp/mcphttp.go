// Package mcphttp serves an MCP server over Streamable HTTP. One handler with
// all HTTP guards serves every deployment shape and both eras of the protocol:
// 2026-07-28, in which requests are independent, and 2025-11-25 and earlier, without
// sessions or, if Options.Sessions is set, with them.
//
// mcp-go parses and dispatches the messages. This package is the transport around it:
// authentication, the Origin check, the method table, limits on request and response
// sizes, the headers of 2026-07-28, streams and deadlines.
//
// Read handler.go first: it has a request's path from top to bottom.
package mcphttp

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/mcp/mcpsession"
)

// Errors of Options.Authenticate that reject a request.
var (
	ErrUnauthorized = errors.New("no usable key")   // status 401
	ErrForbidden    = errors.New("key not allowed") // status 403
)

// HTTPError is an error of Options.Authenticate that sets the response's status and headers.
type HTTPError struct {
	Status int         // 400 to 599
	Header http.Header // of the response, such as WWW-Authenticate; nil means none
	Err    error       // the reason, for the log
}

// Error returns the reason.
func (e *HTTPError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *HTTPError) Unwrap() error { return e.Err }

// DefaultMax is the default limit of a request or response body in bytes. As
// base64 it is 6,000,000 bytes, which leaves room for the headers in Lambda's
// payload limit of 6 MB.
const DefaultMax = 4_500_000

// Options of [New].
type Options struct {
	// Authenticate returns the principal of a request. An error that is none of
	// ErrUnauthorized, ErrForbidden and *HTTPError gets status 500. Required: nil
	// rejects every request.
	Authenticate func(*http.Request) (apikey.Principal, error)

	// Recheck returns an error if the key of an authenticated request is no longer
	// accepted, such as after it was revoked. It is called with the request at each
	// KeepAlive of a stream and of a running call, and must be fast: it delays the
	// stream. Any error ends the stream or the call. nil means that only the key's
	// expiry ends them.
	Recheck func(*http.Request) error

	// RequestID returns the id that AWS gave a request, for the log, or "" if it has none.
	// It must not return a text that the caller chose. If it is nil or returns "", the
	// handler generates an id.
	RequestID func(*http.Request) string

	Paths          []string          // paths of the endpoints, each also served with a trailing slash; empty means /mcp
	AllowedOrigins []string          // origins of web pages that may call; empty means none. Requests without an Origin always pass
	CORS           *CORS             // answers preflights and adds CORS headers; nil means that a gateway in front does
	MaxBody        int64             // bytes of a request body; zero means DefaultMax
	MaxBytes       int64             // bytes of all request bodies in progress, of which a key may use half; zero means 16 MB
	MaxCalls       int               // POST requests in progress; zero means 1000
	MaxKeyCalls    int               // POST requests of a key in progress; zero means a tenth of MaxCalls
	MaxStreams     int               // GET requests of sessions in progress, of which a key may have half; zero means 500
	MaxResponse    int64             // bytes of a response body; zero means DefaultMax, negative means no limit
	Margin         time.Duration     // time reserved before the context's deadline to send a response; zero means 1 second
	Streaming      bool              // send progress and log messages as SSE, if the writer is an http.Flusher; false means one JSON response
	KeepAlive      time.Duration     // interval between comments on a silent stream, and between calls of Recheck; zero means 15 seconds
	Sessions       *mcpsession.Store // sessions of clients before 2026-07-28; nil means stateless
	Jobs           mcpjob.Service    // serves requests of the Tasks extension; nil means that the extension is off. Set mcpserver.Options.Jobs too
	// Usage returns how many tool calls the principal has made in this minute and in
	// this UTC day; nil means that they are not counted.
	Usage func(ctx context.Context, p apikey.Principal) (minute, day int, err error)

	Log *slog.Logger     // gets one line for each request; nil means no log
	Now func() time.Time // nil means time.Now
}

// New returns the handler for s.
func New(s *server.MCPServer, o Options) http.Handler {
	if len(o.Paths) == 0 {
		o.Paths = []string{"/mcp"}
	}
	o.MaxBody = cmp.Or(o.MaxBody, DefaultMax)
	o.MaxResponse = cmp.Or(o.MaxResponse, DefaultMax)
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
	o.MaxCalls = cmp.Or(o.MaxCalls, defaultMaxCalls)
	o.MaxStreams = cmp.Or(o.MaxStreams, defaultMaxStreams)
	h := &handler{Options: o, server: s, budget: budget{
		kind: "calls", maxBytes: cmp.Or(o.MaxBytes, defaultMaxBytes), maxCalls: o.MaxCalls,
		maxKeyCalls: cmp.Or(o.MaxKeyCalls, max(1, o.MaxCalls/keyShareCalls)),
	}, streams: budget{kind: "streams", maxCalls: o.MaxStreams, maxKeyCalls: max(1, o.MaxStreams/keyShareStreams)}}
	h.scanning = make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))
	h.paramHeaders = withParamHeaders(s)
	return h
}
