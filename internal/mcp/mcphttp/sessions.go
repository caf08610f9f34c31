package mcphttp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpsession"
	"serverless-mcp/internal/tool"
)

// inSession reports whether a request names a session. A client before 2026-07-28 that
// names none is served statelessly.
func (h *handler) inSession(r *http.Request) bool {
	return h.Sessions != nil && r.Header.Get(server.HeaderKeySessionID) != "" &&
		!mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion))
}

// forward passes a request on to the task that has its session. It reads the
// body first: once a response has started, net/http discards the rest of the
// request's body, which the proxy would still have to read.
func (h *handler) forward(out *response, r *http.Request, p apikey.Principal, owner string) *rejection {
	body, done, rejected := h.body(r, p)
	if rejected != nil {
		return rejected
	}
	defer done()
	lineFrom(r.Context()).silent = true // the other task logs the request
	r = r.Clone(r.Context())
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	h.Sessions.Forward(out.w, r, owner, func() {
		if errors.Is(r.Context().Err(), context.Canceled) {
			return // the client disconnected and gets no response; the other task may serve the request
		}
		rejected = noSession()
		lineFrom(r.Context()).silent = false
	})
	return rejected
}

// noSession makes a client start a new session.
func noSession() *rejection {
	return rejectMessage(http.StatusNotFound, mcp.INVALID_REQUEST, nil, "session not found: start a new one")
}

// callContext returns the call's context; in a session it outlives the HTTP
// connection, and the call's events are stored, so that the stream can be
// resumed. The client cancels such a call with a message.
func (h *handler) callContext(out *response, r *http.Request, m message, sess *mcpsession.Session) (context.Context, func()) {
	if sess == nil || m.ID == nil {
		return r.Context(), func() {}
	}
	ctx, done := sess.StartCall(r.Context(), string(m.ID))
	p, _ := tool.PrincipalFrom(ctx)
	if out.flusher == nil || m.Method != string(mcp.MethodToolsCall) || !p.Allows(m.Params.Name) {
		return ctx, done // nothing to resume
	}
	out.stored = sess.NewStream()
	if primes(r) {
		out.prime(out.stored.StartID())
	}
	return ctx, done
}

// primes reports whether the client accepts events without data. Clients before
// 2025-11-25 fail to parse one as a message.
func primes(r *http.Request) bool {
	return r.Header.Get(mcp.HeaderProtocolVersion) >= mcp.ProtocolVersion20251125
}

// startSessionAfterInitialize creates a session if mcp-go answered initialize
// successfully.
func (h *handler) startSessionAfterInitialize(ctx context.Context, out *response, res libraryResponse, m message, sess *mcpsession.Session, client *clientSession) {
	if sess != nil || h.Sessions == nil || m.modern || m.Method != string(mcp.MethodInitialize) {
		return
	}
	if res.status == http.StatusOK && res.code == 0 {
		sess := h.startSession(ctx, client)
		sess.Client = mcpsession.Client(clientOf(ctx))
		out.w.Header().Set(server.HeaderKeySessionID, sess.ID)
	}
}

// maxPendingGeneral limits the notifications to all clients that a session's goroutine has
// not yet stored. The goroutine never waits for the network.
const maxPendingGeneral = 16

// summarize returns a client's capabilities as a session stores them: booleans only,
// without the client's own text.
func summarize(c mcp.ClientCapabilities) mcpsession.Capabilities {
	return mcpsession.Capabilities{
		ElicitForm: elicits(c.Elicitation, mcp.ElicitationModeForm), ElicitURL: elicits(c.Elicitation, mcp.ElicitationModeURL),
		Sampling: c.Sampling != nil, Roots: c.Roots != nil,
	}
}

// expand returns the capabilities for mcp-go.
func expand(c mcpsession.Capabilities) (all mcp.ClientCapabilities) {
	if c.ElicitForm || c.ElicitURL {
		all.Elicitation = &mcp.ElicitationCapability{}
		if c.ElicitForm {
			all.Elicitation.Form = &struct{}{}
		}
		if c.ElicitURL {
			all.Elicitation.URL = &struct{}{}
		}
	}
	if c.Sampling {
		all.Sampling = &mcp.SamplingCapability{}
	}
	if c.Roots {
		all.Roots = &struct {
			ListChanged bool `json:"listChanged,omitempty"`
		}{}
	}
	return all
}

// startSession creates a session and registers it with mcp-go until it ends:
// mcp-go's notifications to all clients go to the session's general stream.
func (h *handler) startSession(ctx context.Context, client *clientSession) *mcpsession.Session {
	p, _ := tool.PrincipalFrom(ctx)
	sess := h.Sessions.Start(p.KeyID)
	sess.Capabilities = summarize(client.capabilities)
	listener := &clientSession{id: sess.ID, sess: sess, notifications: make(chan mcp.JSONRPCNotification, maxPendingGeneral)}
	if err := h.server.RegisterSession(ctx, listener); err != nil {
		h.Log.ErrorContext(ctx, "the session will get no notifications", "error", err.Error())
		return sess
	}
	go func() {
		defer h.server.UnregisterSession(context.WithoutCancel(ctx), sess.ID)
		for {
			select {
			case n := <-listener.notifications:
				if data, err := json.Marshal(n); err == nil {
					sess.Notify(data)
				}
			case <-sess.Done():
				return
			}
		}
	}()
	return sess
}
