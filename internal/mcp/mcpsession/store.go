// Package mcpsession keeps the sessions of MCP clients before 2026-07-28, for a
// server that runs as one or several processes, "tasks": who a session belongs
// to, and what was sent in it of late, so that a client whose connection broke
// can have the rest (Last-Event-ID).
//
// A session lives in the memory of the task that began it, and ends with it. Its
// id says, sealed, which task that is, so that another one that gets a request
// of the session can pass it on. Nothing is shared between tasks but the key
// that seals.
//
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
package mcpsession

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// Options of [New].
type Options struct {
	// Secret makes the key that seals ids: whoever has it can make up ids that
	// have requests passed on anywhere. The same for all tasks; at least 16
	// bytes, required.
	Secret string
	// Self is the host and port at which the other tasks reach this one. Empty
	// means that there are no others.
	Self string
	// Idle is how long a session outlives its last request; zero means 30 minutes.
	Idle time.Duration
	// Max is how many sessions there can be. One of the key that has the most
	// makes room, so that no key can end another's by beginning many: the one
	// that was idle longest. Zero means 1000.
	Max int
	// Kept is how many bytes of events a session remembers; zero means 256 KB.
	Kept int
	// Transport passes requests on; nil means HTTP, with 2 s to connect.
	Transport http.RoundTripper
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// A Store holds the sessions of a task, and knows those of others.
type Store struct {
	o       Options
	seal    sealer
	closing context.Context // ended when the task is to end
	close   context.CancelFunc

	mu       sync.Mutex
	sessions map[string]*Session // by what identifies them on this task
}

// New makes a store without sessions.
func New(o Options) (*Store, error) {
	seal, err := newSealer(o.Secret)
	if err != nil {
		return nil, fmt.Errorf("seal session ids: %w", err)
	}
	o.Idle = cmp.Or(o.Idle, 30*time.Minute)
	o.Max = cmp.Or(o.Max, 1000)
	o.Kept = cmp.Or(o.Kept, 256<<10)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = transport()
	}
	s := &Store{o: o, seal: seal, sessions: map[string]*Session{}}
	s.closing, s.close = context.WithCancel(context.Background())
	return s, nil
}

// Start begins a session that belongs to a key.
func (s *Store) Start(keyID string) *Session {
	name := newName()
	session := &Session{
		ID: s.seal.seal(s.o.Self, name), keyID: keyID, used: s.o.Now(), kept: s.o.Kept,
		running: map[string]context.CancelCauseFunc{}, asked: map[string]chan<- []byte{},
	}
	session.context, session.end = context.WithCancel(context.Background())
	session.Listen()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	if len(s.sessions) >= s.o.Max {
		s.remove(s.oldest(s.busiest(keyID)))
	}
	s.sessions[name] = session
	return session
}

// Find looks a session up for a key. It is here, or at the task with the
// address elsewhere, or, if ok is false, nowhere: unknown, ended, somebody
// else's, and an id that was made up are all the same.
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
	session := s.sessions[name]
	if session == nil || session.keyID != keyID {
		return nil, "", false
	}
	if s.idle(session) > s.o.Idle {
		s.remove(name)
		return nil, "", false
	}
	session.used = s.o.Now()
	return session, "", true
}

// Touch keeps a session from ending for idleness while its client listens.
func (s *Store) Touch(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	session.used = s.o.Now()
}

// End ends a session that Find has found here, and its calls.
func (s *Store) End(session *Session) {
	_, name, _ := s.seal.open(session.ID)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(name)
}

// Close ends the streams of clients that wait for messages, which else would
// outlive every call when the task is to end. Calls go on.
func (s *Store) Close() { s.close() }

// Closing is closed once the task is to end.
func (s *Store) Closing() <-chan struct{} { return s.closing.Done() }

// sweep removes what has been idle for too long.
func (s *Store) sweep() {
	for name, session := range s.sessions {
		if s.idle(session) > s.o.Idle {
			s.remove(name)
		}
	}
}

// idle is how long a session has had nothing to do: none while a call runs.
func (s *Store) idle(session *Session) time.Duration {
	if session.busy() {
		return 0
	}
	return s.o.Now().Sub(session.used)
}

// busiest is the key with the most sessions; one more for the key that begins
// another decides between equals.
func (s *Store) busiest(beginner string) string {
	most, count := beginner, map[string]int{beginner: 1}
	for _, session := range s.sessions {
		if count[session.keyID]++; count[session.keyID] > count[most] {
			most = session.keyID
		}
	}
	return most
}

// oldest is the name of the key's session that was idle longest.
func (s *Store) oldest(keyID string) string {
	oldest, longest := "", time.Duration(-1)
	for name, session := range s.sessions {
		if idle := s.idle(session); session.keyID == keyID && idle > longest {
			oldest, longest = name, idle
		}
	}
	return oldest
}

func (s *Store) remove(name string) {
	if session := s.sessions[name]; session != nil {
		session.end()
		delete(s.sessions, name)
	}
}
