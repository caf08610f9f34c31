package mcphttp

import (
	"context"
	"errors"
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

// handler serves a request by these methods, in this order: ServeHTTP, respond, admit,
// route, exchange, call, serve, finish.
type handler struct {
	Options
	server       *server.MCPServer
	paramHeaders map[string]mcp.Tool // by name, the tools with arguments that are also sent as headers
	budget       budget              // of POST requests
	streams      budget              // of GET requests of sessions
	scanning     chan struct{}       // holds one value for each large message that is being scanned
	warm         atomic.Bool         // a request was served before
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
		h.respond(countingFlusher{counting, flusher}, r)
	} else {
		h.respond(counting, r)
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
// always served, because it ends a session and so frees budget.
func (h *handler) admit(out *response, r *http.Request, p apikey.Principal) *rejection {
	whoAmI, b := h.isWhoAmI(r), &h.budget
	if r.Method == http.MethodGet && !whoAmI {
		b = &h.streams // a session can have many streams, and each takes a connection
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
// tool that ignores its context cannot delay the response. Messages that the tool
// sends after the deadline are dropped.
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
	responses := make(chan libraryResponse, 1)
	served := h.server.WithContext(mcpserver.WithLarge(ctx, m.large), client.asLibrarySession())
	go func() { responses <- h.serve(served, r.Header, m) }()
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
		case res := <-responses:
			out.drain(client.notifications) // sent by the tool before it returned
			h.startSessionAfterInitialize(r.Context(), out, res, m, sess, client)
			return h.finish(ctx, out, res, m)
		case <-ctx.Done():
			return h.finish(ctx, out, libraryResponse{}, m)
		}
	}
}

// withMargin makes the deadline earlier, so that time is left to respond before Lambda
// ends the invocation.
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

// serve returns mcp-go's response to a message, or an error about its headers. mcp-go
// and the tools get no headers and so no credentials.
func (h *handler) serve(ctx context.Context, header http.Header, m message) (res libraryResponse) {
	defer func() {
		if v := recover(); v != nil {
			h.Log.ErrorContext(ctx, "panic in MCP server", "panic", v, "stack", string(debug.Stack()))
			res = libraryResponse{}
		}
	}()
	var response mcpserver.Response
	if response.Message = h.checkHeaders(ctx, header, m); response.Message == nil {
		response = mcpserver.Respond(ctx, h.server, m.small)
	}
	response.Message = lineFrom(ctx).withoutQuotes(response.Message)
	if ctx.Err() != nil {
		return libraryResponse{} // what an interrupted tool returned must not be sent
	}
	res, err := m.encode(response)
	if err != nil {
		h.Log.ErrorContext(ctx, "internal error", "in", m.Method, "error", err.Error())
	}
	return res
}

// finish sends mcp-go's response, or an error response if there is none because ctx has
// ended or mcp-go has panicked.
func (h *handler) finish(ctx context.Context, out *response, res libraryResponse, m message) *rejection {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, mcpsession.ErrCancelled):
		return &rejection{status: http.StatusAccepted, reason: cause.Error(), statusOnly: true}
	case errors.Is(cause, mcpsession.ErrEnded):
		return rejectMessage(http.StatusNotFound, mcp.INVALID_REQUEST, m.ID, cause.Error())
	}
	if res.status == 0 {
		switch err := ctx.Err(); {
		case errors.Is(err, context.DeadlineExceeded) && m.subscribes():
			out.finish(http.StatusOK, jsonHeader, m.subscriptionEnd())
			return nil
		case errors.Is(err, context.DeadlineExceeded):
			return rejectMessage(http.StatusGatewayTimeout, mcp.INTERNAL_ERROR, m.ID, "the call did not finish in time")
		case err != nil:
			return rejectMessage(statusClientDisconnected, mcp.INTERNAL_ERROR, m.ID, "the client disconnected")
		}
		return rejectMessage(http.StatusInternalServerError, mcp.INTERNAL_ERROR, m.ID, "internal error")
	}
	if m.ID == nil && len(res.body) > 0 {
		return rejectMessage(http.StatusBadRequest, mcp.INVALID_REQUEST, nil, "the notification cannot be read")
	}
	if h.MaxResponse > 0 && int64(len(res.body)) > h.MaxResponse {
		return m.tooLarge(len(res.body), h.MaxResponse)
	}
	lineFrom(ctx).addError(res)
	if res.body == nil {
		out.finish(res.status, nil, nil)
		return nil
	}
	out.finish(res.status, jsonHeader, res.body)
	return nil
}

// jsonHeader is the header of a JSON response. It is copied, never changed.
var jsonHeader = http.Header{"Content-Type": {"application/json"}}

// statusClientDisconnected is nginx's status for a client that closed the
// connection. It appears only in the log.
const statusClientDisconnected = 499
