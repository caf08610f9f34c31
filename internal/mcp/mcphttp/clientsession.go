package mcphttp

import (
	"cmp"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"serverless-mcp/internal/mcp/mcpsession"
)

// clientSession represents a client to mcp-go. It lives for one request and differs
// from the session of mcp-go's own transport:
//
//   - Elicitation, sampling and roots fail at once, unless it is an
//     [interactiveSession]. Without sessions, the client's response cannot reach
//     the call, and mcp-go would wait for it until the deadline.
//   - It shares no state with other clients. mcp-go stores the log level by session
//     id, which is empty for all clients of a stateless server.
//   - Its notifications go to [response]. mcp-go's transport loses the last
//     notification if the result overtakes it.
type clientSession struct {
	id            string                       // for mcp-go's messages to all sessions; "" during a request
	notifications chan mcp.JSONRPCNotification // nil if the response is buffered
	requests      chan []byte                  // server-to-client requests; nil if they are not possible
	version       string
	info          mcp.Implementation
	capabilities  mcp.ClientCapabilities
	sess          *mcpsession.Session // keeps what applies to all requests of a client; nil means stateless
}

// asLibrarySession returns the session for mcp-go, which looks for the methods of
// [interactiveSession] to learn whether it may send requests to the client.
func (s *clientSession) asLibrarySession() server.ClientSession {
	if s.requests == nil {
		return s
	}
	return interactiveSession{s}
}

func (s *clientSession) Initialize()       {}
func (s *clientSession) Initialized() bool { return true }
func (s *clientSession) SessionID() string { return s.id }

// NotificationChannel returns the channel for a tool's messages. If the response
// is buffered, it returns a fresh buffered channel, so notifications are dropped.
func (s *clientSession) NotificationChannel() chan<- mcp.JSONRPCNotification {
	if s.notifications == nil {
		return make(chan mcp.JSONRPCNotification, 1)
	}
	return s.notifications
}

// GetLogLevel returns the level that the client set in its session. Stateless
// clients, whose level is not stored, get info.
func (s *clientSession) GetLogLevel() mcp.LoggingLevel {
	if s.sess == nil {
		return mcp.LoggingLevelInfo
	}
	return cmp.Or(mcp.LoggingLevel(s.sess.Level()), mcp.LoggingLevelInfo)
}

func (s *clientSession) SetLogLevel(level mcp.LoggingLevel) {
	if s.sess != nil {
		s.sess.SetLevel(string(level))
	}
}

func (s *clientSession) ProtocolVersion() string { return s.version }

// SetProtocolVersion does nothing. Only initialize calls it, and a client sends the
// negotiated version in the header of each later request.
func (s *clientSession) SetProtocolVersion(string) {}

func (s *clientSession) GetClientInfo() mcp.Implementation     { return s.info }
func (s *clientSession) SetClientInfo(info mcp.Implementation) { s.info = info }

func (s *clientSession) GetClientCapabilities() mcp.ClientCapabilities { return s.capabilities }
func (s *clientSession) SetClientCapabilities(capabilities mcp.ClientCapabilities) {
	s.capabilities = capabilities
}
