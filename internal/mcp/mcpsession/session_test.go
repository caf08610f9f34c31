package mcpsession

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCallsOutliveConnectionsNotSessions(t *testing.T) {
	store := newStore(t, Options{})
	session := store.Start("a")
	connection, hangUp := context.WithTimeout(t.Context(), time.Hour)
	one, done, _ := session.Run(connection, "1")
	two, doneToo, _ := session.Run(connection, `"two"`)
	defer doneToo()
	hangUp()
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
	session.Cancel("1") // gone: nothing happens
	store.End(session)
	if <-two.Done(); two.Err() == nil {
		t.Error("the call goes on after its session")
	}
}

// The first call of an id stays the one that the id cancels.
func TestAnIdRunsOnce(t *testing.T) {
	session := newStore(t, Options{}).Start("a")
	first, done, _ := session.Run(t.Context(), "1")
	if _, _, ok := session.Run(t.Context(), "1"); ok {
		t.Error("two calls of one id run")
	}
	session.Cancel("1")
	if first.Err() == nil {
		t.Error("the first call can no longer be cancelled")
	}
	done()
	_, done, ok := session.Run(t.Context(), "1")
	if !ok {
		t.Error("an id cannot be used again")
	}
	done()
}

// Who listens anew ends the stream before, which can be read to its end and no
// further; who reads on in one ends the connection before.
func TestOneListener(t *testing.T) {
	session := newStore(t, Options{}).Start("a")
	before := session.Listen()
	session.Tell([]byte("one"))
	now := session.Listen()
	session.Tell([]byte("two"))
	if before.General() || !now.General() {
		t.Error("the stream before is still the general one")
	}
	for start, want := range map[string]string{before.Start(): "2-1 one", now.Start(): "3-1 two"} {
		data, ended, ok := after(t, session, start)
		if diff := cmp.Diff([]string{want}, data); diff != "" || !ok || ended != (start == before.Start()) {
			t.Errorf("after %s: ended %v, %v (-want +got):\n%s", start, ended, ok, diff)
		}
	}
	first := now.Read()
	second := now.Read()
	select {
	case <-first:
	default:
		t.Error("two connections read one stream")
	}
	select {
	case <-second:
		t.Error("nobody reads the stream")
	default:
	}
}

// after lists what a client gets that comes back with an id.
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
	call, other := session.Begin(), session.Begin()
	first := call.Append([]byte("one"))
	other.Append([]byte("another call's"))
	_, _, _, changed, _ := call.After(1)
	call.Append([]byte("two"))
	select {
	case <-changed:
	default:
		t.Error("who waits for more is not told")
	}
	data, ended, ok := after(t, session, first)
	if diff := cmp.Diff([]string{"2-2 two"}, data); diff != "" || ended || !ok {
		t.Errorf("rest %v %v (-want +got):\n%s", ended, ok, diff)
	}
	call.End()
	if data, ended, ok := after(t, session, "2-2"); data != nil || !ended || !ok {
		t.Errorf("after the end: %q, %v, %v", data, ended, ok)
	}
	for _, id := range []string{"", "2", "2-3", "9-1", "x-1", "2-x", "2--1"} {
		if data, _, ok := after(t, session, id); ok {
			t.Errorf("resumed after %q: %q", id, data)
		}
	}
}

// TestMemoryIsBounded: the oldest calls are forgotten first, and whoever comes
// back for what is forgotten is told so, rather than given half of it.
func TestMemoryIsBounded(t *testing.T) {
	session := newStore(t, Options{Kept: 10}).Start("a")
	old, running := session.Begin(), session.Begin()
	old.Append([]byte("12345"))
	old.End()
	running.Append([]byte("12345"))
	running.Append([]byte("123456"))
	if _, _, ok := after(t, session, "2-1"); ok {
		t.Error("an old call is remembered beyond the limit")
	}
	if _, _, ok := after(t, session, "3-0"); ok {
		t.Error("resumed before an event that is forgotten")
	}
	if data, _, ok := after(t, session, "3-1"); !ok || len(data) != 1 || session.size > 10 {
		t.Errorf("of the running call there is %q, %v, with %d bytes", data, ok, session.size)
	}
	for range 2 * maxStreams {
		session.Begin().End()
	}
	if len(session.streams) > maxStreams {
		t.Errorf("%d streams are remembered", len(session.streams))
	}
	session.Tell([]byte("1"))
	if data, _, ok := after(t, session, "1-0"); !ok || len(data) != 1 {
		t.Error("the general stream is forgotten")
	}
}
