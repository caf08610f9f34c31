package mcphttp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/apikey"
	"serverless-mcp/internal/mcpsession"
	"serverless-mcp/internal/tool"
)

// inSession reports whether a request claims to be one of a session's. A client
// of the older era that names none is served without, as everywhere else.
func (h *handler) inSession(r *http.Request) bool {
	return h.Sessions != nil && r.Header.Get(server.HeaderKeySessionID) != "" &&
		!mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion))
}

// route answers a request that was let in: by itself, in its session, or by the
// task that has its session.
func (h *handler) route(out *reply, r *http.Request, p apikey.Principal) *refusal {
	if !h.inSession(r) {
		return h.exchange(out, r, nil)
	}
	in, elsewhere, ok := h.Sessions.Find(r.Header.Get(server.HeaderKeySessionID), p.KeyID)
	switch {
	case !ok:
		return noSession()
	case in == nil:
		return h.forward(out, r, elsewhere)
	case r.Method == http.MethodGet:
		return h.listen(out, r, in)
	case r.Method == http.MethodDelete:
		h.Sessions.End(in)
		out.finish(http.StatusNoContent, nil, nil)
		return nil
	}
	return h.exchange(out, r, in)
}

// forward passes a request on to the task that has its session. The body is read
// first: while an answer begins, net/http reads the rest of a body itself, and
// would take it away from the one who passes it on.
func (h *handler) forward(out *reply, r *http.Request, owner string) *refusal {
	body, refused := h.body(out, r)
	if refused != nil {
		return refused
	}
	r = r.Clone(r.Context())
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	h.Sessions.Forward(out.w, r, owner, func() { refused = noSession() })
	return refused
}

// noSession is what a client begins a new session on.
func noSession() *refusal {
	return refuseMessage(http.StatusNotFound, mcp.INVALID_REQUEST, nil, "there is no such session: begin a new one")
}

// outlive is the context of a call. In a session it does not end with the
// connection, and its events are kept: a client whose connection broke comes
// back for the rest, and cancels by a message if it wants no more.
func (h *handler) outlive(out *reply, r *http.Request, m message, in *mcpsession.Session) (context.Context, func()) {
	if in == nil || m.ID == nil {
		return r.Context(), func() {}
	}
	ctx, done := in.Run(r.Context(), string(m.ID))
	if out.flusher == nil || m.Method != string(mcp.MethodToolsCall) {
		return ctx, done
	}
	out.kept = in.Begin()
	if r.Header.Get(mcp.HeaderProtocolVersion) >= "2025-11-25" {
		out.prime()
	}
	return ctx, done
}

// remember keeps what the library's answer means for the session.
func (h *handler) remember(ctx context.Context, a *answer, m message, in *mcpsession.Session, s *session) {
	switch {
	case in != nil && m.Method == string(mcp.MethodSetLogLevel):
		in.SetLevel(string(s.level))
	case in == nil && h.Sessions != nil && !m.modern && m.Method == string(mcp.MethodInitialize):
		if a.status == http.StatusOK && bytes.Contains(a.body.Bytes(), []byte(`"result":`)) {
			a.Header().Set(server.HeaderKeySessionID, h.start(ctx).ID)
		}
	}
}

func levelOf(in *mcpsession.Session) mcp.LoggingLevel {
	if in == nil {
		return mcp.LoggingLevelInfo
	}
	return cmp.Or(mcp.LoggingLevel(in.Level()), mcp.LoggingLevelInfo)
}

// start begins a session, and makes it known to the library for as long as it
// lasts: what the library tells all of its clients goes into the general stream.
func (h *handler) start(ctx context.Context) *mcpsession.Session {
	p, _ := tool.PrincipalFrom(ctx)
	in := h.Sessions.Start(p.KeyID)
	client := &session{id: in.ID, notifications: make(chan mcp.JSONRPCNotification, pending), level: mcp.LoggingLevelInfo}
	if err := h.library.RegisterSession(ctx, client); err != nil {
		h.Log.ErrorContext(ctx, "session is not told of changes", "error", err.Error())
		return in
	}
	go func() {
		defer h.library.UnregisterSession(context.WithoutCancel(ctx), in.ID)
		for {
			select {
			case n := <-client.notifications:
				if data, err := json.Marshal(n); err == nil {
					in.General.Append(data)
				}
			case <-in.Done():
				return
			}
		}
	}()
	return in
}

// listen streams what is sent outside of calls, from now on, or the rest of a
// stream that broke.
func (h *handler) listen(out *reply, r *http.Request, in *mcpsession.Session) *refusal {
	if out.flusher == nil {
		return refuseHTTP(http.StatusNotAcceptable, "send Accept: text/event-stream")
	}
	stream, place, ok := in.General, in.General.Place(), true
	if last := r.Header.Get(mcp.HeaderLastEventID); last != "" {
		if stream, place, ok = in.Resume(last); !ok {
			return noSession() // what it missed is forgotten: it must begin again
		}
	}
	var closing <-chan struct{} // a call goes on to its end
	if stream == in.General {
		closing = h.Sessions.Closing()
	}
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
			return nil
		}
		select {
		case <-changed:
		case <-ticker.C:
			h.Sessions.Touch(in)
			out.comment()
		case <-r.Context().Done():
			return nil
		case <-in.Done():
			return nil
		case <-closing:
			return nil
		}
	}
}
