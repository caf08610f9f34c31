package mcphttp

import (
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/mcp/mcpsession"
)

// listen streams what is sent outside of calls, from now on, or the rest of a
// stream that broke.
func (h *handler) listen(out *reply, r *http.Request, in *mcpsession.Session) *refusal {
	if out.flusher == nil {
		return refuseHTTP(http.StatusNotAcceptable, "send Accept: text/event-stream")
	}
	last := r.Header.Get(mcp.HeaderLastEventID)
	if last == "" {
		stream := in.Listen()
		if primes(r) {
			out.prime(stream.Start())
		}
		h.follow(out, r, in, stream, 0)
		return nil
	}
	stream, place, ok := in.Resume(last)
	if !ok {
		return noSession() // what it missed is forgotten: it must begin again
	}
	if events, _, ended, _, _ := stream.After(place); ended && len(events) == 0 {
		// The client has all there is: nothing follows a call that it cancelled,
		// nor what it heard before it listened anew. Any other answer would have
		// it come back, again and again.
		// https://html.spec.whatwg.org/multipage/server-sent-events.html#server-sent-events-intro
		out.none(http.StatusNoContent)
		return nil
	}
	h.follow(out, r, in, stream, place)
	return nil
}

// follow sends what a stream has after a place, and what comes, until the stream,
// the connection, or the session ends, or the client listens elsewhere.
func (h *handler) follow(out *reply, r *http.Request, in *mcpsession.Session, stream *mcpsession.Stream, place int) {
	var closing <-chan struct{} // a call goes on to its end
	if stream.General() {
		closing = h.Sessions.Closing()
	}
	left := stream.Read()
	out.begin()
	out.flusher.Flush()
	ticker := time.NewTicker(h.KeepAlive)
	defer ticker.Stop()
	for {
		events, next, ended, changed, ok := stream.After(place)
		for _, e := range events {
			out.identified(e.ID, e.Data)
		}
		if place = next; ended || !ok {
			return
		}
		select {
		case <-changed:
		case <-ticker.C:
			h.Sessions.Touch(in)
			out.comment()
		case <-left:
			return
		case <-r.Context().Done():
			return
		case <-in.Done():
			return
		case <-closing:
			return
		}
	}
}
