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
// nothing leads those back to the call that waits.
func cannotAsk(ctx context.Context) bool {
	session := server.ClientSessionFromContext(ctx)
	return session != nil && session.SessionID() == "" && !server.IsModernRequest(ctx)
}

// mayAsk refuses to ask what the client could not answer.
func mayAsk(ctx context.Context, questions mcp.InputRequests) error {
	if cannotAsk(ctx) {
		return errQuestion
	}
	if capability := undeclared(ctx, questions); capability != "" {
		return mcp.MissingRequiredClientCapabilityError{Capability: capability}
	}
	return nil
}

// undeclared names a capability that the questions need and that the client has
// not declared, "" if there is none. Nobody may be asked for such a thing.
func undeclared(ctx context.Context, questions mcp.InputRequests) string {
	info := server.RequestProtocolInfoFromContext(ctx)
	if info == nil || !info.Modern {
		return "" // declared once for a session, whose business it is
	}
	declared := cmp.Or(info.ClientCapabilities, &mcp.ClientCapabilities{})
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
