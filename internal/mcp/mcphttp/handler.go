package mcphttp

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/tool"
)

// handler serves a request in this order: ServeHTTP, respond, admit, route, exchange,
// call, serve, finish.
type handler struct {
	Options
	server    *server.MCPServer
	transport *server.StreamableHTTPServer
	budget    budget        // of POST requests
	streams   budget        // of GET requests of sessions
	scanning  chan struct{} // takes one for each large message that is being scanned
	responder http.Handler  // respond, with mcp-go's error codes fixed
	warm      atomic.Bool   // a request was served before
}

// ServeHTTP implements http.Handler. It hides the writer's Flush method unless
// the response may be streamed.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.Sessions != nil && h.Sessions.ServePeer(w, r) {
		return
	}
	if h.CORS != nil && h.preflight(w, r) {
		return
	}
	line, r := h.beginLine(r)
	counting := countingWriter{w, &line.bytesOut}
	if flusher, ok := w.(http.Flusher); ok && h.Streaming && acceptsStream(r.Header) {
		h.responder.ServeHTTP(countingFlusher{counting, flusher}, r)
	} else {
		h.responder.ServeHTTP(counting, r)
	}
	line.write(r.Context(), h)
}

// respond checks the request and serves it. Every response that mcp-go did not
// write is a rejection.
func (h *handler) respond(w http.ResponseWriter, r *http.Request) {
	out := newResponse(w)
	p, rejected := h.checkRequest(r)
	line := lineFrom(r.Context())
	line.keyID = p.KeyID
	if rejected == nil {
		rejected = h.admit(out, r.WithContext(tool.WithPrincipal(r.Context(), p)), p)
	}
	if rejected != nil {
		rejected.httpMethod = otherMethod(r.Method)
		line.rejected = rejected
		out.reject(rejected)
	}
	if out.stored != nil {
		out.stored.End()
	}
}

// admit serves an authenticated request if the key's budget allows it. A DELETE is
// always served: it ends what the budget limits.
func (h *handler) admit(out *response, r *http.Request, p apikey.Principal) *rejection {
	whoAmI, b := h.isWhoAmI(r), &h.budget
	if r.Method == http.MethodGet && !whoAmI {
		b = &h.streams // a session can have many, and each takes a connection
	}
	if r.Method != http.MethodDelete {
		if rejected := b.allow(p.KeyID, 1, 0); rejected != nil {
			return rejected
		}
		defer b.release(p.KeyID, 1, 0)
	}
	if whoAmI {
		h.whoAmI(out, r, p)
		return nil
	}
	return h.route(out, r, p)
}

// route serves an admitted request: without a session, in its session, or
// by forwarding it to the task that has its session.
func (h *handler) route(out *response, r *http.Request, p apikey.Principal) *rejection {
	if !h.inSession(r) {
		return h.exchange(out, r, p, nil)
	}
	sess, elsewhere, ok := h.Sessions.Find(r.Header.Get(server.HeaderKeySessionID), p.KeyID)
	switch {
	case !ok:
		return noSession()
	case sess == nil:
		return h.forward(out, r, p, elsewhere)
	case r.Method == http.MethodGet:
		return h.listen(out, r, sess)
	case r.Method == http.MethodDelete:
		h.Sessions.End(sess)
		out.finish(http.StatusNoContent, nil, nil)
		return nil
	}
	return h.exchange(out, r, p, sess)
}

// exchange reads one message and responds to it. sess is nil outside sessions.
func (h *handler) exchange(out *response, r *http.Request, p apikey.Principal, sess *mcpsession.Session) *rejection {
	m, rejected := h.read(out, r, p, sess != nil)
	if rejected != nil {
		return rejected
	}
	defer m.done()
	lineFrom(r.Context()).addMessage(h, m)
	if sess != nil {
		lineFrom(r.Context()).addClient(clientInfo(sess.Client))
	}
	if m.isResponse() {
		return deliver(out, m, sess)
	}
	if m.Method == string(mcp.MethodNotificationCancelled) && m.ID == nil {
		// Without a session, mcp-go could cancel any caller's request that has
		// the same id. Stateless clients cancel by closing the connection.
		if sess != nil {
			sess.Cancel(string(m.Params.RequestID))
		}
		out.finish(http.StatusAccepted, nil, nil)
		return nil
	}
	if h.isTaskRequest(m) {
		return h.task(out, r, m, p)
	}
	return h.call(out, r, m, sess)
}

// call passes the message to mcp-go and sends the tool's messages until there is
// a response or the deadline passes. mcp-go runs in its own goroutine, so that a
// tool that ignores its context cannot delay the response; what it writes after
// the deadline is dropped.
func (h *handler) call(out *response, r *http.Request, m message, sess *mcpsession.Session) *rejection {
	base, done := h.callContext(out, r, m, sess)
	defer done()
	ctx, cancel := h.withMargin(base, m)
	defer cancel()
	client := &clientSession{version: r.Header.Get(mcp.HeaderProtocolVersion), sess: sess}
	ticks := time.Tick(h.KeepAlive)
	if out.flusher != nil && m.ID != nil {
		client.notifications = make(chan mcp.JSONRPCNotification, maxPending)
		if sess != nil {
			client.requests, client.capabilities = make(chan []byte), expand(sess.Capabilities)
		}
	}
	responses := make(chan *recorder, 1)
	served := mcpserver.WithLarge(context.WithValue(ctx, sessionKey{}, client.asLibrarySession()), m.large)
	go func() { responses <- h.serve(served, r, m.small) }()
	for {
		select {
		case n := <-client.notifications:
			out.send(n)
		case request := <-client.requests:
			out.drain(client.notifications) // sent by the tool before its request
			out.event(request)
		case <-ticks:
			if err := h.recheck(ctx, r); err != nil {
				return rejectMessage(http.StatusForbidden, mcp.INVALID_REQUEST, m.ID, err.Error())
			}
			if client.notifications != nil {
				out.comment()
			}
		case rec := <-responses:
			out.drain(client.notifications) // sent by the tool before it returned
			h.startSessionAfterInitialize(r.Context(), rec, m, sess, client)
			return h.finish(ctx, out, rec, m)
		case <-ctx.Done():
			return h.finish(ctx, out, &recorder{}, m)
		}
	}
}

// withMargin moves the deadline forward, so that time is left to respond before
// Lambda ends the function.
func (h *handler) withMargin(ctx context.Context, m message) (context.Context, context.CancelFunc) {
	margin := h.Margin
	if m.subscribes() {
		margin = max(margin, subscriptionMargin)
	}
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-margin))
	}
	return context.WithCancel(ctx)
}

// strippedHeaders are removed before the request reaches mcp-go and the tools:
// credentials, and session headers, which a stateless server must ignore
// (2026-07-28) and mcp-go would reject.
var strippedHeaders = []string{"X-Api-Key", "Authorization", "Cookie", mcp.HeaderLastEventID, server.HeaderKeySessionID}

// serve lets mcp-go respond to one message.
func (h *handler) serve(ctx context.Context, r *http.Request, body []byte) (rec *recorder) {
	rec = &recorder{}
	defer func() {
		if v := recover(); v != nil {
			h.Log.ErrorContext(ctx, "panic in MCP server", "panic", v, "stack", string(debug.Stack()))
			rec = &recorder{} // drop what was written before the panic
		}
	}()
	header := maps.Clone(r.Header)
	for _, name := range strippedHeaders {
		header.Del(name)
	}
	h.transport.Handle(rec, &server.HTTPRequest{Method: r.Method, URL: r.URL, Header: header, Body: body, Context: ctx})
	return rec
}

// finish sends mcp-go's response, or an error response if mcp-go wrote none:
// after its context has ended, and after a panic.
func (h *handler) finish(ctx context.Context, out *response, rec *recorder, m message) *rejection {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, mcpsession.ErrCancelled):
		return &rejection{status: http.StatusAccepted, reason: cause.Error(), statusOnly: true}
	case errors.Is(cause, mcpsession.ErrEnded):
		return rejectMessage(http.StatusNotFound, mcp.INVALID_REQUEST, m.ID, cause.Error())
	}
	if rec.status == 0 {
		switch err := ctx.Err(); {
		case errors.Is(err, context.DeadlineExceeded) && m.subscribes():
			out.finish(http.StatusOK, http.Header{"Content-Type": {"application/json"}}, m.subscriptionEnd())
			return nil
		case errors.Is(err, context.DeadlineExceeded):
			return rejectMessage(http.StatusGatewayTimeout, mcp.INTERNAL_ERROR, m.ID, "the call did not finish in time")
		case err != nil:
			return rejectMessage(statusClientDisconnected, mcp.INTERNAL_ERROR, m.ID, "the client disconnected")
		}
		rec.status = http.StatusInternalServerError
	}
	if m.ID == nil && rec.body.Len() > 0 {
		return rejectMessage(http.StatusBadRequest, mcp.INVALID_REQUEST, nil, "the notification cannot be read")
	}
	if rejected := rec.rejected(m); rejected != nil {
		return rejected
	}
	if job, ok := mcpserver.StartedJob(ctx); ok && rec.status == http.StatusOK && m.ID != nil {
		replaceResult(rec, m, job)
	}
	if h.MaxResponse > 0 && int64(rec.body.Len()) > h.MaxResponse {
		return m.tooLarge(rec.body.Len(), h.MaxResponse)
	}
	if _, served := lineFrom(ctx).report.Result(); m.ID != nil && !served {
		lineFrom(ctx).addError(rec)
	}
	out.finish(rec.status, rec.header, rec.withID(m.ID))
	return nil
}

// statusClientDisconnected is nginx's status for a client that closed the
// connection. It appears only in the log.
const statusClientDisconnected = 499
