package mcphttp

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpsession"
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
func (h *handler) outlive(out *reply, r *http.Request, m message, in *mcpsession.Session) (context.Context, func(), *refusal) {
	if in == nil || m.ID == nil {
		return r.Context(), func() {}, nil
	}
	ctx, done, ok := in.Run(r.Context(), string(m.ID))
	if !ok {
		return nil, nil, refuseMessage(http.StatusBadRequest, mcp.INVALID_REQUEST, m.ID, "a call of this id is still running")
	}
	if out.flusher == nil || m.Method != string(mcp.MethodToolsCall) {
		return ctx, done, nil
	}
	out.kept = in.Begin()
	if primes(r) {
		out.prime(out.kept.Start())
	}
	return ctx, done, nil
}

// primes reports whether the client knows events without data; those before it
// take one for a message that cannot be read.
func primes(r *http.Request) bool {
	return r.Header.Get(mcp.HeaderProtocolVersion) >= mcp.ProtocolVersion20251125
}

// remember begins a session where the library has agreed to one.
func (h *handler) remember(ctx context.Context, a *answer, m message, in *mcpsession.Session, s *session) {
	if in != nil || h.Sessions == nil || m.modern || m.Method != string(mcp.MethodInitialize) {
		return
	}
	if a.status == http.StatusOK && bytes.Contains(a.body.Bytes(), []byte(`"result":`)) {
		a.Header().Set(server.HeaderKeySessionID, h.start(ctx, s).ID)
	}
}

// start begins a session, and makes it known to the library for as long as it
// lasts: what the library tells all of its clients goes into the general stream.
func (h *handler) start(ctx context.Context, s *session) *mcpsession.Session {
	p, _ := tool.PrincipalFrom(ctx)
	in := h.Sessions.Start(p.KeyID)
	in.Capabilities = s.capabilities
	client := &session{id: in.ID, in: in, notifications: make(chan mcp.JSONRPCNotification, pending)}
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
					in.Tell(data)
				}
			case <-in.Done():
				return
			}
		}
	}()
	return in
}
