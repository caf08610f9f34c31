package mcpsession

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Session is one client's, from its initialize to its end.
type Session struct {
	ID      string  // as the client knows it
	General *Stream // what is sent outside of calls

	keyID string
	used  time.Time // guarded by the store

	context context.Context // ends with the session
	end     context.CancelFunc

	mu      sync.Mutex
	level   string
	running map[string]context.CancelFunc // calls by their ids, as they were sent
	streams []*Stream                     // oldest first
	begun   int
	size    int // bytes in all streams
	kept    int
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

// Run makes the context of a call that outlives its connection: the client may
// come back for the rest. It ends with the session, when the client cancels the
// call by its id, and at the deadline of ctx. The function that is returned
// must be called when the call is done.
func (s *Session) Run(ctx context.Context, id string) (context.Context, context.CancelFunc) {
	call, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if at, ok := ctx.Deadline(); ok {
		cancel()
		call, cancel = context.WithDeadline(context.WithoutCancel(ctx), at)
	}
	stop := context.AfterFunc(s.context, cancel)
	s.mu.Lock()
	s.running[id] = cancel
	s.mu.Unlock()
	return call, func() {
		stop()
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.running, id)
	}
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
		cancel()
	}
}

// Begin begins a stream of events.
func (s *Session) Begin() *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begun++
	stream := &Stream{session: s, number: s.begun, changed: make(chan struct{})}
	s.streams = append(s.streams, stream)
	return stream
}

// Resume finds the stream in which an event was sent, and the event's place in
// it. It fails if that stream, or what followed the event, is forgotten.
func (s *Session) Resume(lastEventID string) (stream *Stream, after int, ok bool) {
	number, place, found := strings.Cut(lastEventID, "-")
	n, err := strconv.Atoi(number)
	after, err2 := strconv.Atoi(place)
	if !found || err != nil || err2 != nil {
		return nil, 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stream := range s.streams {
		if stream.number == n {
			return stream, after, after >= stream.forgotten && after <= stream.forgotten+len(stream.events)
		}
	}
	return nil, 0, false
}

// Place is where the stream has got to by now.
func (s *Stream) Place() int {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	return s.forgotten + len(s.events)
}

// maxStreams is how many streams a session remembers, events or not.
const maxStreams = 64

// trim forgets the oldest events until there is room. Streams that have ended go
// whole, the general one stays.
func (s *Session) trim() {
	for i := 1; i < len(s.streams) && (s.size > s.kept || len(s.streams) > maxStreams); {
		if s.streams[i].ended {
			s.streams[i].forget(len(s.streams[i].events))
			s.streams = append(s.streams[:i:i], s.streams[i+1:]...)
		} else {
			i++
		}
	}
	for _, stream := range s.streams {
		for s.size > s.kept && len(stream.events) > 0 {
			stream.forget(1)
		}
	}
}

// A Stream is a row of events of a session, those of one call for example.
type Stream struct {
	session   *Session
	number    int
	events    [][]byte // guarded by the session, as all that follows
	forgotten int      // events before those
	ended     bool
	changed   chan struct{} // closed when there is more
}

// Append adds an event and returns its id.
func (s *Stream) Append(data []byte) (id string) {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	s.events = append(s.events, data)
	s.session.size += len(data)
	id = s.id(s.forgotten + len(s.events))
	s.wake()
	s.session.trim()
	return id
}

// End says that no event will follow.
func (s *Stream) End() {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	s.ended = true
	s.wake()
	s.session.trim()
}

// An Event is what was sent, with its id.
type Event struct {
	ID   string
	Data []byte
}

// After lists the events from a place on: where to go on next time, whether
// that was all, and, if not, what is closed when there is more. ok is false
// if some are forgotten.
func (s *Stream) After(place int) (events []Event, next int, ended bool, changed <-chan struct{}, ok bool) {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	if place < s.forgotten {
		return nil, 0, true, nil, false
	}
	next = s.forgotten + len(s.events)
	for i := place; i < next; i++ {
		events = append(events, Event{ID: s.id(i + 1), Data: s.events[i-s.forgotten]})
	}
	return events, next, s.ended, s.changed, true
}

func (s *Stream) id(place int) string { return fmt.Sprintf("%d-%d", s.number, place) }

func (s *Stream) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Stream) forget(n int) {
	for _, e := range s.events[:n] {
		s.session.size -= len(e)
	}
	s.events = s.events[n:]
	s.forgotten += n
}
