package mcpsession

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Capabilities are the server-to-client requests that a client declared in its
// initialize request.
type Capabilities struct{ ElicitForm, ElicitURL, Sampling, Roots bool }

// Client is the client's name and version from its initialize request, made safe for
// the log.
type Client struct{ Name, Version string }

// A Session belongs to one client, from its initialize request until it ends.
type Session struct {
	ID           string       // as the client sends it
	Capabilities Capabilities // set by the caller of [Store.Start]
	Client       Client       // for the log; set by the caller of [Store.Start]

	store *Store
	keyID string
	used  time.Time // guarded by the store

	context context.Context // ends with the session
	end     context.CancelCauseFunc

	mu          sync.Mutex
	level       string
	running     map[string][]*call       // by JSON-RPC id
	general     *Stream                  // messages outside calls
	streams     []*Stream                // oldest first
	streamCount int                      // number of streams so far
	size, limit int                      // bytes of events in all streams
	waiting     map[string]chan<- []byte // requests to the client by id
	requests    int                      // number of requests to the client so far
	ended       bool
}

// call is a running call.
type call struct{ cancel context.CancelCauseFunc }

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

// Causes of the context of a call.
var (
	ErrCancelled = errors.New("cancelled by the client")
	ErrEnded     = errors.New("the session has ended") // wrapped by the other causes
	errDeleted   = fmt.Errorf("%w: the client deleted it", ErrEnded)
	errReplaced  = fmt.Errorf("%w: a newer session of the key replaced it", ErrEnded)
)

// StartCall returns the context of a call that outlives its connection, so that the
// client can resume its stream. The context ends when the session ends, when the client
// cancels the call by its id, and at the deadline of ctx. The caller must call done when
// the call has finished. Several calls may have the same id.
func (s *Session) StartCall(ctx context.Context, id string) (_ context.Context, done func()) {
	running, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	release := func() {}
	if deadline, ok := ctx.Deadline(); ok {
		running, release = context.WithDeadline(running, deadline)
	}
	stop := context.AfterFunc(s.context, func() { cancel(context.Cause(s.context)) })
	c := &call{cancel}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[id] = append(s.running[id], c)
	return running, func() {
		stop()
		release()
		cancel(nil)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.running[id] = slices.DeleteFunc(s.running[id], func(other *call) bool { return other == c })
		if len(s.running[id]) == 0 {
			delete(s.running, id)
		}
	}
}

// busy reports whether a call is running.
func (s *Session) busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.running) > 0
}

// Cancel ends the running call with that id. It does nothing if several calls have the
// id, because it is unclear which one the client wants to cancel.
func (s *Session) Cancel(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if calls := s.running[id]; len(calls) == 1 {
		calls[0].cancel(ErrCancelled)
	}
}
