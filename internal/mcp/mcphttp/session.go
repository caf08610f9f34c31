package mcphttp

import (
	"cmp"
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcpsession"
)

// session is what the library knows of a client. Ours lives for one request
// and takes the place of the library's own, for what it does not do:
//
//   - It cannot be asked for elicitation, sampling or roots, unless it is
//     [asking]. Without sessions the client's answer has no way back, and the
//     library's own would wait for it until the deadline. Now a tool that asks
//     gets an error at once.
//   - It shares nothing. The library keeps the log level by session id, which
//     is empty for everybody on a stateless server.
//   - Its notifications end in our own stream. The library's forwarder loses
//     the last one when the answer overtakes it.
type session struct {
	id            string                       // for the library's messages to all; "" during a request
	notifications chan mcp.JSONRPCNotification // nil where nothing can be streamed
	questions     chan []byte                  // goes the same way; nil where nothing can be asked
	version       string
	info          mcp.Implementation
	capabilities  mcp.ClientCapabilities
	in            *mcpsession.Session // keeps what a client says once for all of its requests; nil means that nothing does
}

type sessionKey struct{}

func sessionFrom(ctx context.Context) server.ClientSession {
	s, _ := ctx.Value(sessionKey{}).(server.ClientSession)
	return s
}

// client is what the library gets to see of a session.
func (s *session) client() server.ClientSession {
	if s.questions == nil {
		return s
	}
	return asking{s}
}

func (s *session) Initialize()       {}
func (s *session) Initialized() bool { return true }
func (s *session) SessionID() string { return s.id }

// UpgradeToSSEWhenReceiveNotification is for the library's stream, not for ours.
func (s *session) UpgradeToSSEWhenReceiveNotification() {}

// NotificationChannel takes what tools report. The library gives up on a full
// channel; where nothing is streamed, a fresh one takes each message along
// into oblivion.
func (s *session) NotificationChannel() chan<- mcp.JSONRPCNotification {
	if s.notifications == nil {
		return make(chan mcp.JSONRPCNotification, 1)
	}
	return s.notifications
}

// GetLogLevel is the level that the client has set in its session. Where that
// cannot be remembered for it, it gets what matters to people.
func (s *session) GetLogLevel() mcp.LoggingLevel {
	if s.in == nil {
		return mcp.LoggingLevelInfo
	}
	return cmp.Or(mcp.LoggingLevel(s.in.Level()), mcp.LoggingLevelInfo)
}

func (s *session) SetLogLevel(level mcp.LoggingLevel) {
	if s.in != nil {
		s.in.SetLevel(string(level))
	}
}

func (s *session) ProtocolVersion() string           { return s.version }
func (s *session) SetProtocolVersion(version string) { s.version = version }

func (s *session) GetClientInfo() mcp.Implementation     { return s.info }
func (s *session) SetClientInfo(info mcp.Implementation) { s.info = info }

func (s *session) GetClientCapabilities() mcp.ClientCapabilities { return s.capabilities }
func (s *session) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	s.capabilities = capabilities
}
