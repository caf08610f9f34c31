package mcpsession

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// A Session is one client's, from its initialize to its end.
type Session struct {
	ID           string                 // as the client knows it
	Capabilities mcp.ClientCapabilities // as the client declared them; set by whoever begins the session

	keyID string
	used  time.Time // guarded by the store

	context context.Context // ends with the session
	end     context.CancelFunc

	mu      sync.Mutex
	level   string
	running map[string]context.CancelCauseFunc // calls by their ids, as they were sent
	general *Stream                            // takes what is sent outside of calls
	streams []*Stream                          // oldest first
	begun   int
	size    int // bytes in all streams
	kept    int

	asked     map[string]chan<- []byte // who waits for the answer to a question, by its id
	questions int
}

// Done is closed when the session has ended.
func (s *Session) Done() <-chan struct{} { return s.context.Done() }

// Level is what SetLevel was given last; "" before.
func (s *Session) Level() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.level
}

// SetLevel remembers the log level that the client wants.
func (s *Session) SetLevel(level string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.level = level
}

// ErrCancelled is the cause of the end of a call that its client has cancelled.
var ErrCancelled = errors.New("cancelled by the client")

// Run makes the context of a call that outlives its connection: the client may
// come back for the rest. It ends with the session, when the client cancels the
// call by its id, and at the deadline of ctx. The function that is returned
// must be called when the call is done. It is refused, and ok is false, while
// another call of that id runs: one of the two could not be cancelled.
func (s *Session) Run(ctx context.Context, id string) (call context.Context, done func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[id] != nil {
		return nil, nil, false
	}
	call, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	release := func() {}
	if at, ok := ctx.Deadline(); ok {
		call, release = context.WithDeadline(call, at)
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

// busy reports whether a call runs.
func (s *Session) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.running) > 0
}

// Cancel ends a call of this session, if it still runs.
func (s *Session) Cancel(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.running[id]; cancel != nil {
		cancel(ErrCancelled)
	}
}
