package mcpserver

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// errNotInteractive is returned to a tool that sends a request to a client whose
// response cannot reach the call. mcp-go would wait for it until the deadline.
var errNotInteractive = tool.Errorf("this needs a response from the client during the call, which this server can request only in protocol " +
	mcp.ProtocolVersion20260728 + " or later")

// An Asker is a session that can deliver a client's response to the tool call
// that requested it.
type Asker interface{ CanAsk() bool }

// interactive reports whether tools can send requests to the client. Since 2026-07-28,
// the client repeats the call with its response. In earlier versions, the response arrives
// in a separate HTTP request, which reaches the call only through an [Asker]. A session
// without an id is stateless, whether it is mcp-go's or ours.
func interactive(ctx context.Context) bool {
	session := server.ClientSessionFromContext(ctx)
	if asker, ok := session.(Asker); ok && asker.CanAsk() {
		return true
	}
	return session == nil || session.SessionID() != "" || server.IsModernRequest(ctx)
}

// checkInputRequests returns an error for requests that the client cannot answer.
func checkInputRequests(ctx context.Context, requests mcp.InputRequests) error {
	if !interactive(ctx) {
		return errNotInteractive
	}
	capability := undeclared(ctx, requests)
	switch {
	case capability == "":
		return nil
	case server.IsModernRequest(ctx):
		return mcp.MissingRequiredClientCapabilityError{Capability: capability}
	}
	return tool.Errorf("this needs %s, which the client does not support", capability)
}

// undeclared returns a capability that the requests need and the client has not
// declared, or "". Sending such a request is forbidden.
func undeclared(ctx context.Context, requests mcp.InputRequests) string {
	declared := declaredIn(ctx)
	needed := map[mcp.MCPMethod]bool{}
	for _, r := range requests {
		needed[r.Method] = true
	}
	switch {
	case needed[mcp.MethodElicitationCreate] && declared.Elicitation == nil:
		return "elicitation"
	case needed[mcp.MethodSamplingCreateMessage] && declared.Sampling == nil:
		return "sampling"
	case needed[mcp.MethodListRoots] && declared.Roots == nil:
		return "roots"
	}
	return ""
}

// declaredIn returns the client's capabilities, which it declares in each request
// or, before 2026-07-28, once for its session.
func declaredIn(ctx context.Context) mcp.ClientCapabilities {
	if server.IsModernRequest(ctx) {
		return *server.RequestProtocolInfoFromContext(ctx).ClientCapabilities // required in each request
	}
	session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo)
	if !ok {
		return mcp.ClientCapabilities{}
	}
	return session.GetClientCapabilities()
}

// withoutHanging returns a context in which elicitation, sampling and roots fail
// at once if their responses could not reach the call.
func withoutHanging(ctx context.Context) context.Context {
	session, ok := server.ClientSessionFromContext(ctx).(clientSession)
	if !ok || interactive(ctx) {
		return ctx
	}
	return server.ServerFromContext(ctx).WithContext(ctx, oneWay{session})
}

// clientSession is the part of a session that this package and mcp-go use.
type clientSession interface {
	server.SessionWithLogging
	server.SessionWithClientInfo
}

// oneWay rejects every server-to-client request; notifications still work.
type oneWay struct{ clientSession }

// RequestElicitation implements server.SessionWithElicitation.
func (oneWay) RequestElicitation(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	return nil, errNotInteractive
}

// RequestSampling implements server.SessionWithSampling.
func (oneWay) RequestSampling(context.Context, mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
	return nil, errNotInteractive
}

// ListRoots implements server.SessionWithRoots.
func (oneWay) ListRoots(context.Context, mcp.ListRootsRequest) (*mcp.ListRootsResult, error) {
	return nil, errNotInteractive
}
