package mcpserver

import (
	"cmp"
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/tool"
)

// errQuestion is for a tool that asks the user or the model something where no
// answer can arrive. mcp-go would wait for one until the time is up.
var errQuestion = tool.Errorf("this needs an answer from the client in mid-call, which this server can only ask for in protocol " +
	mcp.ProtocolVersion20260728 + " or later")

// cannotAsk reports whether questions to the client lead nowhere: before
// 2026-07-28 their answers came as requests of their own, and without a session
// nothing leads those back to the call that waits. mcp-go's own session of a
// stateless server has no id; ours has none either, but may be an [Asker].
func cannotAsk(ctx context.Context) bool {
	session := server.ClientSessionFromContext(ctx)
	if asker, ok := session.(Asker); ok && asker.CanAsk() {
		return false
	}
	return session != nil && session.SessionID() == "" && !server.IsModernRequest(ctx)
}

// An Asker is a session that knows the way of an answer back to the call.
type Asker interface{ CanAsk() bool }

// mayAsk refuses to ask what the client could not answer.
func mayAsk(ctx context.Context, questions mcp.InputRequests) error {
	if cannotAsk(ctx) {
		return errQuestion
	}
	capability := undeclared(ctx, questions)
	switch {
	case capability == "":
		return nil
	case server.IsModernRequest(ctx):
		return mcp.MissingRequiredClientCapabilityError{Capability: capability}
	}
	return tool.Errorf("this needs %s, which the client has not declared that it can do", capability)
}

// undeclared names a capability that the questions need and that the client has
// not declared, "" if there is none. Nobody may be asked for such a thing.
func undeclared(ctx context.Context, questions mcp.InputRequests) string {
	declared := declaredIn(ctx)
	needed := map[mcp.MCPMethod]bool{}
	for _, q := range questions {
		needed[q.Method] = true
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

// declaredIn is what the client can do: it says so in each request, or, before
// 2026-07-28, once for its session.
func declaredIn(ctx context.Context) mcp.ClientCapabilities {
	if info := server.RequestProtocolInfoFromContext(ctx); info != nil && info.Modern {
		return *cmp.Or(info.ClientCapabilities, &mcp.ClientCapabilities{})
	}
	session, ok := server.ClientSessionFromContext(ctx).(server.SessionWithClientInfo)
	if !ok {
		return mcp.ClientCapabilities{}
	}
	return session.GetClientCapabilities()
}

// withoutQuestions returns a context in which elicitation, sampling and roots
// are refused at once where they would hang.
func withoutQuestions(ctx context.Context) context.Context {
	session, ok := server.ClientSessionFromContext(ctx).(httpSession)
	if !ok || !cannotAsk(ctx) {
		return ctx
	}
	return server.ServerFromContext(ctx).WithContext(ctx, oneWay{session})
}

// httpSession is what a session of mcp-go's HTTP transport does one way.
type httpSession interface {
	server.SessionWithLogging
	server.SessionWithClientInfo
	server.SessionWithStreamableHTTPConfig
}

// oneWay is a session over which the client is told things and never asked.
type oneWay struct{ httpSession }

// RequestElicitation implements server.SessionWithElicitation.
func (oneWay) RequestElicitation(context.Context, mcp.ElicitationRequest) (*mcp.ElicitationResult, error) {
	return nil, errQuestion
}

// RequestSampling implements server.SessionWithSampling.
func (oneWay) RequestSampling(context.Context, mcp.CreateMessageRequest) (*mcp.CreateMessageResult, error) {
	return nil, errQuestion
}

// ListRoots implements server.SessionWithRoots.
func (oneWay) ListRoots(context.Context, mcp.ListRootsRequest) (*mcp.ListRootsResult, error) {
	return nil, errQuestion
}
