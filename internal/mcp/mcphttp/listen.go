package mcphttp

import (
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/mcp/mcpsession"
)

// listen serves a GET: it sends the messages outside calls, from now on, or the rest of
// an interrupted stream (Last-Event-ID).
func (h *handler) listen(out *response, r *http.Request, sess *mcpsession.Session) *rejection {
	if out.flusher == nil {
		return rejectHTTP(http.StatusNotAcceptable, "send Accept: text/event-stream")
	}
	last := r.Header.Get(mcp.HeaderLastEventID)
	if last == "" {
		stream := sess.Listen()
		if primes(r) {
			out.prime(stream.StartID())
		}
		h.follow(out, r, sess, stream, 0)
		return nil
	}
	stream, pos, ok := sess.Resume(last)
	if !ok {
		return noSession() // the missed events were dropped: the client must start a new session
	}
	return h.resume(out, r, sess, stream, pos)
}

// resume sends the events of an interrupted stream after index pos. They may have been
// dropped since the position was looked up.
func (h *handler) resume(out *response, r *http.Request, sess *mcpsession.Session, stream *mcpsession.Stream, pos int) *rejection {
	switch events, _, ended, _, ok := stream.After(pos); {
	case !ok:
		return noSession()
	case ended && len(events) == 0:
		// The client has received everything: its call was cancelled, or it has
		// started to listen again. 204 is the only status that stops an event
		// source from reconnecting.
		// https://html.spec.whatwg.org/multipage/server-sent-events.html#server-sent-events-intro
		out.finishEmpty(http.StatusNoContent)
		return nil
	}
	h.follow(out, r, sess, stream, pos)
	return nil
}

// follow sends the stored events after index pos and then new ones, until the
// stream, connection or session ends, the key is no longer accepted, or a newer GET
// replaces this one.
func (h *handler) follow(out *response, r *http.Request, sess *mcpsession.Session, stream *mcpsession.Stream, pos int) {
	var closing <-chan struct{} // nil for the stream of a call, which runs to its end
	if stream.General() {
		closing = h.Sessions.Closing()
	}
	replaced := stream.TakeOver()
	out.start()
	out.flusher.Flush()
	ticks := time.Tick(h.KeepAlive)
	for {
		events, next, ended, changed, ok := stream.After(pos)
		for _, e := range events {
			out.eventWithID(e.ID, e.Data)
		}
		if pos = next; ended || !ok {
			return
		}
		select {
		case <-changed:
		case <-ticks:
			if h.recheck(r.Context(), r) != nil {
				return
			}
			h.Sessions.Touch(sess)
			out.comment()
		case <-replaced:
			return
		case <-r.Context().Done():
			return
		case <-sess.Done():
			return
		case <-closing:
			return
		}
	}
}
