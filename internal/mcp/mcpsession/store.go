// Package mcpsession keeps the sessions of MCP clients before 2026-07-28, for a
// server that runs as one or more processes, "tasks": which key a session belongs
// to, and its recent events, so that a client can resume an SSE stream
// (Last-Event-ID).
//
// A session lives in the memory of the task that started it, and ends with it.
// Its id holds, encrypted, the address of that task, so that other tasks can
// forward requests. Tasks share nothing except the secret that encrypts ids.
//
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
package mcpsession

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options of [New].
type Options struct {
	// Secret encrypts session ids; required, at least 16 bytes, and the same in all tasks.
	// A process that has it can create ids that make a task forward requests to any
	// address.
	Secret string
	// Self is the host and port at which other tasks reach this one; empty means
	// that there are no other tasks.
	Self string
	// Idle is how long a session lives after its last request; zero means 30 minutes.
	Idle time.Duration
	// Max is the maximum number of sessions; zero means 1000. At the limit, a new session
	// replaces the longest idle session of the key that has the most sessions, so that no
	// key can end another's sessions by starting many.
	Max int
	// MaxEventBytes is how many bytes of events a session stores; zero means 256 KB.
	MaxEventBytes int
	// MaxBytes is how many bytes of events all sessions store; zero means 16 MB. At
	// the limit, the key that stores the most loses its oldest events.
	MaxBytes int
	// Transport forwards requests; nil means HTTP, with a connect timeout of 2 s, to tasks
	// that prove that they have the same Secret.
	Transport http.RoundTripper
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Store holds the sessions of a task and recognizes those of other tasks.
type Store struct {
	o       Options
	seal    sealer
	prover  prover
	proxy   func(w http.ResponseWriter, r *http.Request, owner string, gone func())
	closing context.Context // ends with Close
	close   context.CancelFunc

	bytes    atomic.Int64 // of events in all sessions
	mu       sync.Mutex
	sessions map[string]*Session // by name
}

// New returns a store without sessions.
func New(o Options) (*Store, error) {
	seal, err := newSealer(o.Secret)
	if err != nil {
		return nil, fmt.Errorf("seal session ids: %w", err)
	}
	o.Idle = cmp.Or(o.Idle, 30*time.Minute)
	o.Max = cmp.Or(o.Max, 1000)
	o.MaxEventBytes = cmp.Or(o.MaxEventBytes, 256<<10)
	o.MaxBytes = cmp.Or(o.MaxBytes, 16<<20)
	if o.Now == nil {
		o.Now = time.Now
	}
	prover, err := newProver(o.Secret)
	if err != nil {
		return nil, fmt.Errorf("derive the key of proofs: %w", err)
	}
	s := &Store{o: o, seal: seal, prover: prover, sessions: map[string]*Session{}}
	s.proxy = s.reverseProxy
	if s.o.Transport == nil {
		s.o.Transport = s.transport()
	}
	s.closing, s.close = context.WithCancel(context.Background())
	return s, nil
}

// Start creates a session for a key.
func (s *Store) Start(keyID string) *Session {
	name := newName()
	sess := &Session{
		ID: s.seal.seal(s.o.Self, name), store: s, keyID: keyID, used: s.o.Now(), limit: s.o.MaxEventBytes,
		running: map[string][]*call{}, waiting: map[string]chan<- []byte{},
	}
	sess.context, sess.end = context.WithCancelCause(context.Background())
	sess.Listen()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	if len(s.sessions) >= s.o.Max {
		s.remove(s.oldest(s.busiest(keyID)), errReplaced)
	}
	s.sessions[name] = sess
	return sess
}

// Find returns a key's session, if this task has it, or the address of the task
// that has it. Unknown, expired and forged ids and the sessions of other keys all give
// ok false, so that callers cannot tell them apart.
func (s *Store) Find(id, keyID string) (here *Session, elsewhere string, ok bool) {
	owner, name, ok := s.seal.open(id)
	if !ok {
		return nil, "", false
	}
	if owner != s.o.Self {
		return nil, owner, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sess := s.sessions[name]
	if sess == nil || sess.keyID != keyID {
		return nil, "", false
	}
	if s.idle(sess) > s.o.Idle {
		s.remove(name, ErrEnded)
		return nil, "", false
	}
	sess.used = s.o.Now()
	return sess, "", true
}

// Touch resets a session's idle time while its client listens.
func (s *Store) Touch(sess *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sess.used = s.o.Now()
}

// End ends a session of this task, and its calls.
func (s *Store) End(sess *Session) {
	_, name, _ := s.seal.open(sess.ID)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(name, errDeleted)
}

// Close ends the streams of listening clients, which would otherwise delay the
// shutdown. Calls continue.
func (s *Store) Close() { s.close() }

// Closing returns a channel that is closed when Close is called (server shutdown).
func (s *Store) Closing() <-chan struct{} { return s.closing.Done() }

// sweep removes sessions that were idle for too long.
func (s *Store) sweep() {
	for name, sess := range s.sessions {
		if s.idle(sess) > s.o.Idle {
			s.remove(name, ErrEnded)
		}
	}
}

// idle returns how long a session has been idle; zero while a call runs.
func (s *Store) idle(sess *Session) time.Duration {
	if sess.busy() {
		return 0
	}
	return s.o.Now().Sub(sess.used)
}

// busiest returns the key with the most sessions. In a tie it prefers the key that
// starts a session.
func (s *Store) busiest(starting string) string {
	count := map[string]int{}
	for _, sess := range s.sessions {
		count[sess.keyID]++
	}
	most := starting
	for keyID, n := range count {
		if n > count[most] {
			most = keyID
		}
	}
	return most
}

// oldest returns the name of the key's session that was idle longest.
func (s *Store) oldest(keyID string) string {
	oldest, longest := "", time.Duration(-1)
	for name, sess := range s.sessions {
		if idle := s.idle(sess); sess.keyID == keyID && idle > longest {
			oldest, longest = name, idle
		}
	}
	return oldest
}

func (s *Store) remove(name string, cause error) {
	if sess := s.sessions[name]; sess != nil {
		sess.end(cause)
		sess.forget()
		delete(s.sessions, name)
	}
}
