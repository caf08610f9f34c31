package mcpsession

import (
	"fmt"
	"strconv"
	"strings"
)

// Begin begins a stream of events.
func (s *Session) Begin() *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begin()
}

func (s *Session) begin() *Stream {
	s.begun++
	stream := &Stream{session: s, number: s.begun, changed: make(chan struct{}), read: make(chan struct{})}
	s.streams = append(s.streams, stream)
	return stream
}

// Listen begins the stream of what is sent outside of calls, from now on. It
// ends the one before: no message may be sent on two.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#multiple-connections
func (s *Session) Listen() *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.general != nil {
		s.general.finish()
	}
	s.general = s.begin()
	return s.general
}

// Tell sends something outside of calls, to whoever listens or comes back for it.
func (s *Session) Tell(data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.general.add(data)
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

// maxStreams is how many streams a session remembers, events or not.
const maxStreams = 64

// trim forgets the oldest events until there is room. Streams that have ended go
// whole.
func (s *Session) trim() {
	for i := 0; i < len(s.streams) && (s.size > s.kept || len(s.streams) > maxStreams); {
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
	read      chan struct{} // closed when another reads on
}

// General reports whether the stream is the one of what is sent outside of calls.
func (s *Stream) General() bool {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	return s == s.session.general
}

// Start is the id to come back with for all of the stream.
func (s *Stream) Start() string { return s.id(0) }

// Read is for a connection that reads on from here. What it returns is closed
// when the next one does, for the client has left this one then.
func (s *Stream) Read() (left <-chan struct{}) {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	close(s.read)
	s.read = make(chan struct{})
	return s.read
}

// Append adds an event and returns its id.
func (s *Stream) Append(data []byte) (id string) {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	return s.add(data)
}

func (s *Stream) add(data []byte) (id string) {
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
	s.finish()
}

func (s *Stream) finish() {
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
