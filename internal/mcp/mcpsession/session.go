package mcpsession

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// A Session belongs to one client, from its initialize request until it ends.
type Session struct {
	ID           string                 // as the client sends it
	Capabilities mcp.ClientCapabilities // as the client declared them; set by the caller of [Store.Start]

	keyID string
	used  time.Time // guarded by the store

	context context.Context // ends with the session
	end     context.CancelFunc

	mu          sync.Mutex
	level       string
	running     map[string]context.CancelCauseFunc // calls by JSON-RPC id
	general     *Stream                            // messages outside calls
	streams     []*Stream                          // oldest first
	streamCount int                                // of all streams so far
	size, limit int                                // bytes of events in all streams
	waiting     map[string]chan<- []byte           // requests to the client by id
	requests    int                                // of all requests to the client so far
}

// Done returns a channel that is closed when the session has ended.
func (s *Session) Done() <-chan struct{} { return s.context.Done() }

// Level returns the log level that the client wants; "" if it set none.
func (s *Session) Level() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.level
}

// SetLevel stores the log level that the client wants.
func (s *Session) SetLevel(level string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.level = level
}

// ErrCancelled is the cause of the context of a call that its client cancelled.
var ErrCancelled = errors.New("cancelled by the client")

// StartCall returns the context of a call that outlives its connection, so that
// the client can resume its stream. It ends with the session, when the client
// cancels the call by its id, and at the deadline of ctx. The caller must call
// done when the call has finished. ok is false while another call with that id
// runs, because one of the two could not be cancelled.
func (s *Session) StartCall(ctx context.Context, id string) (call context.Context, done func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[id] != nil {
		return nil, nil, false
	}
	call, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	release := func() {}
	if deadline, ok := ctx.Deadline(); ok {
		call, release = context.WithDeadline(call, deadline)
	}
	s.running[id] = cancel
	stop := context.AfterFunc(s.context, func() { cancel(nil) })
	return call, func() {
		stop()
		release()
		cancel(nil)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.running, id)
	}, true
}

// busy reports whether a call is running.
func (s *Session) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.running) > 0
}

// Cancel ends a running call of this session.
func (s *Session) Cancel(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.running[id]; cancel != nil {
		cancel(ErrCancelled)
	}
}
