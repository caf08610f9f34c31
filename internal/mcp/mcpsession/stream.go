package mcpsession

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// NewStream starts a stream of events.
func (s *Session) NewStream() *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newStream()
}

func (s *Session) newStream() *Stream {
	s.streamCount++
	stream := &Stream{session: s, number: s.streamCount, changed: make(chan struct{}), replaced: make(chan struct{})}
	s.streams = append(s.streams, stream)
	s.grow(streamOverhead)
	return stream
}

// Listen starts a stream of messages outside calls, from now on. It ends the
// previous one, because no message may be sent on two streams.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#multiple-connections
func (s *Session) Listen() *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.general != nil {
		s.general.finish()
	}
	s.general = s.newStream()
	return s.general
}

// Notify sends a message outside calls to the client that listens now or resumes
// later.
func (s *Session) Notify(data []byte) {
	s.mu.Lock()
	s.general.add(data)
	s.mu.Unlock()
	s.store.enforce()
}

// Resume returns the stream of an event and the event's position in it. ok is false if
// lastEventID is not an id of this session, or if its stream, or an event after it, is no
// longer stored.
func (s *Session) Resume(lastEventID string) (stream *Stream, pos int, ok bool) {
	_, index, _ := strings.Cut(lastEventID, "-")
	pos, _ = strconv.Atoi(index) // an id that is not of our form equals none below
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stream := range s.streams {
		if stream.id(pos) == lastEventID {
			return stream, pos, pos >= stream.dropped && pos <= stream.dropped+len(stream.events)
		}
	}
	return nil, 0, false
}

// maxStreams is how many streams a session stores, with or without events.
const maxStreams = 64

// trim drops the oldest events until the limits hold. Ended streams are dropped
// first, and as a whole.
func (s *Session) trim() {
	for i := 0; i < len(s.streams) && (s.size > s.limit || len(s.streams) > maxStreams); {
		if s.streams[i].ended {
			s.streams[i].drop(len(s.streams[i].events))
			s.streams = slices.Delete(s.streams, i, i+1)
			s.grow(-streamOverhead)
		} else {
			i++
		}
	}
	for _, stream := range s.streams {
		for s.size > s.limit && len(stream.events) > 0 {
			stream.drop(1)
		}
	}
}

// A Stream is a sequence of events of a session, such as those of one call.
type Stream struct {
	session  *Session
	number   int
	events   [][]byte // guarded by the session's mutex, like the rest
	dropped  int      // number of earlier events, no longer stored
	ended    bool
	changed  chan struct{} // closed at the next event, and at the end
	replaced chan struct{} // closed when another connection takes over
}

// General reports whether this is the stream of messages outside calls.
func (s *Stream) General() bool {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	return s == s.session.general
}

// StartID returns the event id from which a client resumes the whole stream.
func (s *Stream) StartID() string { return s.id(0) }

// TakeOver is called by each connection that sends the stream. The channel it
// returns is closed when a newer connection takes over.
func (s *Stream) TakeOver() (replaced <-chan struct{}) {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	close(s.replaced)
	s.replaced = make(chan struct{})
	return s.replaced
}

// Append adds an event and returns its id.
func (s *Stream) Append(data []byte) (id string) {
	s.session.mu.Lock()
	id = s.add(data)
	s.session.mu.Unlock()
	s.session.store.enforce()
	return id
}

func (s *Stream) add(data []byte) (id string) {
	s.events = append(s.events, data)
	s.session.grow(len(data) + eventOverhead)
	id = s.id(s.dropped + len(s.events))
	s.wake()
	s.session.trim()
	return id
}

// End marks the stream as complete.
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

// An Event is a message with its id.
type Event struct {
	ID   string
	Data []byte
}

// After returns the events after position pos, the position to continue from, whether
// the stream has ended, and a channel that is closed at the next event or the end.
// ok is false if some of the events are no longer stored.
func (s *Stream) After(pos int) (events []Event, next int, ended bool, changed <-chan struct{}, ok bool) {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	if pos < s.dropped {
		return nil, 0, true, nil, false
	}
	next = s.dropped + len(s.events)
	for i := pos; i < next; i++ {
		events = append(events, Event{ID: s.id(i + 1), Data: s.events[i-s.dropped]})
	}
	return events, next, s.ended, s.changed, true
}

func (s *Stream) id(pos int) string { return fmt.Sprintf("%d-%d", s.number, pos) }

func (s *Stream) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Stream) drop(n int) {
	for _, e := range s.events[:n] {
		s.session.grow(-len(e) - eventOverhead)
	}
	clear(s.events[:n]) // for the garbage collector
	s.events = s.events[n:]
	s.dropped += n
}
