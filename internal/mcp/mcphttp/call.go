package mcphttp

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/mcp/mcpsession"
)

// statusClientGone is nginx's: nobody reads it but the log.
const statusClientGone = 499

// call hands the message to the library, and passes on what the tool reports
// until there is an answer or the time is up. The library runs apart, so that
// a tool that ignores its context cannot keep the caller waiting; what it
// writes afterwards goes nowhere.
func (h *handler) call(out *reply, r *http.Request, body []byte, m message, in *mcpsession.Session) *refusal {
	base, done, refused := h.outlive(out, r, m, in)
	if refused != nil {
		return refused
	}
	defer done()
	ctx, cancel := h.deadline(base, m)
	defer cancel()
	s := &session{version: r.Header.Get(mcp.HeaderProtocolVersion), in: in}
	var silence <-chan time.Time
	if out.flusher != nil && m.ID != nil {
		s.notifications = make(chan mcp.JSONRPCNotification, pending)
		ticker := time.NewTicker(h.KeepAlive)
		defer ticker.Stop()
		silence = ticker.C
		if in != nil {
			s.questions, s.capabilities = make(chan []byte), in.Capabilities
		}
	}
	answered := make(chan *answer, 1)
	go func() { answered <- h.serve(context.WithValue(ctx, sessionKey{}, s.client()), r, body) }()
	for {
		select {
		case n := <-s.notifications:
			out.send(n)
		case q := <-s.questions:
			out.drain(s.notifications) // which the tool sent before it asked
			out.event(q)
		case <-silence:
			out.comment()
		case a := <-answered:
			// All that the tool sent, it sent before it returned.
			out.drain(s.notifications)
			h.remember(r.Context(), a, m, in, s)
			return h.finish(ctx, out, a, m)
		case <-ctx.Done():
			return h.finish(ctx, out, &answer{}, m)
		}
	}
}

// deadline keeps the margin back, so that there is time for an answer before
// Lambda ends the function.
func (h *handler) deadline(ctx context.Context, m message) (context.Context, context.CancelFunc) {
	margin := h.Margin
	if m.listens() {
		margin = max(margin, listenMargin)
	}
	if at, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, at.Add(-margin))
	}
	return context.WithCancel(ctx)
}

// withheld are headers that the library and tools do not get to see: what the
// caller proved itself with, and what only means something with sessions. The
// latter is to be ignored, says 2026-07-28; the library would refuse it.
var withheld = []string{"X-Api-Key", "Authorization", "Cookie", mcp.HeaderLastEventID, server.HeaderKeySessionID}

// serve lets the library answer one message.
func (h *handler) serve(ctx context.Context, r *http.Request, body []byte) (a *answer) {
	a = &answer{}
	defer func() {
		if v := recover(); v != nil {
			h.Log.ErrorContext(ctx, "panic in MCP server", "panic", v, "stack", string(debug.Stack()))
			a = &answer{} // whatever it had written by then
		}
	}()
	header := r.Header.Clone()
	for _, name := range withheld {
		header.Del(name)
	}
	h.mcp.Handle(a, &server.HTTPRequest{Method: r.Method, URL: r.URL, Header: header, Body: body, Context: ctx})
	return a
}

// finish sends the library's answer, or says what became of it. The library
// writes nothing at all once its context has ended, nor when it panics.
func (h *handler) finish(ctx context.Context, out *reply, a *answer, m message) *refusal {
	if cause := context.Cause(ctx); errors.Is(cause, mcpsession.ErrCancelled) {
		return &refusal{status: http.StatusAccepted, reason: cause.Error(), silent: true}
	}
	if a.status == 0 {
		switch ended := ctx.Err(); {
		case errors.Is(ended, context.DeadlineExceeded) && m.listens():
			out.finish(http.StatusOK, http.Header{"Content-Type": {"application/json"}}, m.listened())
			return nil
		case errors.Is(ended, context.DeadlineExceeded):
			return refuseMessage(http.StatusGatewayTimeout, mcp.INTERNAL_ERROR, m.ID, "the call did not finish in time")
		case ended != nil:
			return refuseMessage(statusClientGone, mcp.INTERNAL_ERROR, m.ID, "the client went away")
		}
		a.status = http.StatusInternalServerError
	}
	if m.ID == nil && a.body.Len() > 0 {
		return refuseMessage(http.StatusBadRequest, mcp.INVALID_REQUEST, nil, "the notification cannot be read")
	}
	if refused := a.refused(m); refused != nil {
		return refused
	}
	if h.MaxAnswer > 0 && int64(a.body.Len()) > h.MaxAnswer {
		return m.tooLarge(a.body.Len(), h.MaxAnswer)
	}
	if m.ID != nil && !mcpserver.Logged(ctx) {
		h.logError(ctx, a)
	}
	out.finish(a.status, a.header, a.withID(m.ID))
	return nil
}
