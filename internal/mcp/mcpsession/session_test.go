package mcpsession

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCallOutlivesItsConnection(t *testing.T) {
	store := newStore(t, Options{})
	session := store.Start("a")
	connection, disconnect := context.WithTimeout(t.Context(), time.Hour)
	one, done := session.StartCall(connection, "1")
	two, doneToo := session.StartCall(connection, `"two"`)
	defer doneToo()
	disconnect()
	if one.Err() != nil {
		t.Error("the call ended with its connection")
	}
	if _, ok := one.Deadline(); !ok {
		t.Error("the call lost its deadline")
	}
	session.Cancel("2")
	session.Cancel("1")
	if context.Cause(one) != ErrCancelled || two.Err() != nil {
		t.Errorf("cancelled 1: %v and %v", context.Cause(one), two.Err())
	}
	done()
	session.Cancel("1") // no effect: the call is done
	store.End(session)
	if <-two.Done(); two.Err() == nil {
		t.Error("the call continues after its session")
	}
}

// Calls with the same id run independently. While there are several, a cancellation
// is ignored, because it could mean any of them.
func TestCallsWithTheSameID(t *testing.T) {
	session := newStore(t, Options{}).Start("a")
	first, done := session.StartCall(t.Context(), "1")
	second, doneToo := session.StartCall(t.Context(), "1")
	session.Cancel("1")
	if first.Err() != nil || second.Err() != nil {
		t.Errorf("an ambiguous cancellation ended a call: %v, %v", first.Err(), second.Err())
	}
	done()
	if second.Err() != nil || !session.busy() {
		t.Error("the end of the first call ended the second")
	}
	session.Cancel("1")
	if context.Cause(second) != ErrCancelled {
		t.Errorf("the remaining call: %v, want it cancelled", context.Cause(second))
	}
	doneToo()
	if session.busy() || len(session.running) != 0 {
		t.Errorf("running after the end: %v", session.running)
	}
}

// The cause of a call's context says how its session ended.
func TestCauseOfAnEndedSession(t *testing.T) {
	store := newStore(t, Options{Max: 1})
	deleted := store.Start("a")
	one, done := deleted.StartCall(t.Context(), "1")
	defer done()
	store.End(deleted)
	replaced := store.Start("a")
	two, done := replaced.StartCall(t.Context(), "1")
	defer done()
	store.Start("a")
	for want, ctx := range map[error]context.Context{errDeleted: one, errReplaced: two} {
		<-ctx.Done()
		if cause := context.Cause(ctx); cause != want || !errors.Is(cause, ErrEnded) {
			t.Errorf("cause %v, want %v", cause, want)
		}
	}
}

// Listening again ends the previous stream, which can still be read to its end. A
// connection that takes over a stream ends the previous connection.
func TestOneListener(t *testing.T) {
	session := newStore(t, Options{}).Start("a")
	before := session.Listen()
	session.Notify([]byte("one"))
	now := session.Listen()
	session.Notify([]byte("two"))
	if before.General() || !now.General() {
		t.Error("the previous stream is still the general one")
	}
	for start, want := range map[string]string{before.StartID(): "2-1 one", now.StartID(): "3-1 two"} {
		data, ended, ok := after(t, session, start)
		if diff := cmp.Diff([]string{want}, data); diff != "" || !ok || ended != (start == before.StartID()) {
			t.Errorf("after %s: ended %v, %v (-want +got):\n%s", start, ended, ok, diff)
		}
	}
	first := now.TakeOver()
	second := now.TakeOver()
	select {
	case <-first:
	default:
		t.Error("the first connection was not replaced")
	}
	select {
	case <-second:
		t.Error("the second connection was replaced")
	default:
	}
}

// after returns the events that a client gets when it resumes from an id.
func after(t *testing.T, s *Session, id string) (data []string, ended, ok bool) {
	t.Helper()
	stream, place, ok := s.Resume(id)
	if !ok {
		return nil, false, false
	}
	events, _, ended, _, ok := stream.After(place)
	for _, e := range events {
		data = append(data, e.ID+" "+string(e.Data))
	}
	return data, ended, ok
}

func TestResume(t *testing.T) {
	session := newStore(t, Options{}).Start("a")
	call, other := session.NewStream(), session.NewStream()
	first := call.Append([]byte("one"))
	other.Append([]byte("another call's"))
	_, _, _, changed, _ := call.After(1)
	call.Append([]byte("two"))
	select {
	case <-changed:
	default:
		t.Error("the next event does not close changed")
	}
	data, ended, ok := after(t, session, first)
	if diff := cmp.Diff([]string{"2-2 two"}, data); diff != "" || ended || !ok {
		t.Errorf("rest %v %v (-want +got):\n%s", ended, ok, diff)
	}
	_, _, _, changed, _ = call.After(2)
	call.End()
	select {
	case <-changed:
	default:
		t.Error("the end does not close changed")
	}
	if data, ended, ok := after(t, session, "2-2"); data != nil || !ended || !ok {
		t.Errorf("after the end: %q, %v, %v", data, ended, ok)
	}
	for _, id := range []string{"", "2", "2-3", "9-1", "x-1", "2-x", "2--1"} {
		if data, _, ok := after(t, session, id); ok {
			t.Errorf("resumed after %q: %q", id, data)
		}
	}
}

// The events of the oldest calls are dropped first, and a client that resumes from a
// dropped event gets an error and no later events.
func TestMemoryIsBounded(t *testing.T) {
	session := newStore(t, Options{MaxEventBytes: 2*streamOverhead + 2*eventOverhead + 10}).Start("a")
	old, running := session.NewStream(), session.NewStream()
	old.Append([]byte("12345"))
	old.End()
	running.Append([]byte("12345"))
	running.Append([]byte("123456"))
	if _, _, ok := after(t, session, "2-1"); ok {
		t.Error("an old call is stored beyond the limit")
	}
	if _, _, ok := after(t, session, "3-0"); ok {
		t.Error("resumed before a dropped event")
	}
	if data, _, ok := after(t, session, "3-1"); !ok || len(data) != 1 || session.size > 2*streamOverhead+2*eventOverhead+10 {
		t.Errorf("the running call has %q, %v, with %d bytes", data, ok, session.size)
	}
	for range 2 * maxStreams {
		session.NewStream().End()
	}
	if len(session.streams) > maxStreams {
		t.Errorf("%d streams are stored", len(session.streams))
	}
	session.Notify([]byte("1"))
	if data, _, ok := after(t, session, "1-0"); !ok || len(data) != 1 {
		t.Error("the general stream is dropped")
	}
}

// Events and streams exactly at the limit are kept. At one byte or one stream more, a
// stream that has ended is dropped.
func TestMemoryLimitIsInclusive(t *testing.T) {
	const fits = 2*streamOverhead + eventOverhead + 5 // the general stream and a call
	for text, want := range map[string]bool{"12345": true, "123456": false} {
		session := newStore(t, Options{MaxEventBytes: fits}).Start("a")
		call := session.NewStream()
		call.Append([]byte(text))
		call.End()
		if _, _, ok := session.Resume("2-0"); ok != want {
			t.Errorf("an event of %d bytes is stored: %v, want %v", len(text), ok, want)
		}
	}
	session := newStore(t, Options{}).Start("a")
	for range maxStreams - 1 {
		session.NewStream().End()
	}
	if _, _, ok := session.Resume("2-0"); !ok {
		t.Errorf("the oldest of %d streams is dropped", maxStreams)
	}
	session.NewStream().End()
	for id, want := range map[string]bool{"1-0": true, "2-0": false, "3-0": true} {
		if _, _, ok := session.Resume(id); ok != want {
			t.Errorf("of %d streams, %s is stored: %v, want %v", maxStreams+1, id, ok, want)
		}
	}
}

// The stream of a client that has started to listen again is dropped before an event
// of a running call.
func TestPreviousListenerIsDroppedFirst(t *testing.T) {
	const fits = 3*streamOverhead + eventOverhead + 5 // both general streams and a call
	session := newStore(t, Options{MaxEventBytes: fits}).Start("a")
	session.Listen()
	call := session.NewStream()
	call.Append([]byte("12345"))
	call.Append([]byte("12345"))
	for id, want := range map[string]bool{"1-0": false, "2-0": true, "3-0": true} {
		if _, _, ok := session.Resume(id); ok != want {
			t.Errorf("Resume(%q) = %v, want %v", id, ok, want)
		}
	}
}

// At the limit of all sessions, a session drops the older half of its events, and reports
// whether it dropped any.
func TestHalve(t *testing.T) {
	session := newStore(t, Options{}).Start("a")
	stream := session.NewStream()
	for range 10 {
		stream.Append(make([]byte, 100_000/10))
	}
	if !session.halve() || len(stream.events) != 5-1 || stream.dropped != 5+1 { // the overhead of streams counts too
		t.Errorf("%d events are left of 10, %d were dropped", len(stream.events), stream.dropped)
	}
	for range 10 {
		session.halve()
	}
	if session.halve() || len(stream.events) > 0 {
		t.Errorf("%d events are left", len(stream.events))
	}
}

// A client can resume from any event between the last one that was dropped and the last
// one that was sent, inclusive.
func TestResumeAtTheEdges(t *testing.T) {
	session := newStore(t, Options{MaxEventBytes: 2*streamOverhead + 2*eventOverhead + 10}).Start("a")
	stream := session.NewStream()
	for range 4 {
		stream.Append([]byte("12345"))
	}
	for id, want := range map[string]bool{"2-0": false, "2-1": false, "2-2": true, "2-3": true, "2-4": true, "2-5": false, "2--1": false, "2": false, "-1": false, "2-x": false, "x-2": false, "+2-2": false, "2-+2": false, "02-2": false, "2-02": false, " 2-2": false, "2-2-2": false, "2-99999999999999999999": false} {
		if _, _, ok := session.Resume(id); ok != want {
			t.Errorf("Resume(%q) = %v, want %v; %d events were dropped", id, ok, want, stream.dropped)
		}
	}
}

func TestLevel(t *testing.T) {
	session := newStore(t, Options{}).Start("a")
	if got := session.Level(); got != "" {
		t.Errorf("level %q at the start", got)
	}
	session.SetLevel("debug")
	if got := session.Level(); got != "debug" {
		t.Errorf("level %q, want debug", got)
	}
}
