package mcpsession

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const secret = "0123456789abcdef"

func newStore(t *testing.T, o Options) *Store {
	t.Helper()
	if o.Secret == "" {
		o.Secret = secret
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNeedsASecret(t *testing.T) {
	if _, err := New(Options{Secret: secret[1:]}); err == nil {
		t.Error("took a secret of 15 bytes")
	}
}

func TestFind(t *testing.T) {
	store, other, stranger := newStore(t, Options{Self: "10.0.0.1:8080"}), newStore(t, Options{Self: "10.0.0.2:8080"}), newStore(t, Options{Self: "10.0.0.1:8080", Secret: secret + "x"})
	mine := store.Start("alice")
	forged := []byte(mine.ID)
	forged[len(forged)/2] ^= 1
	for name, c := range map[string]struct {
		store     *Store
		id, key   string
		here, ok  bool
		elsewhere string
	}{
		"mine":             {store, mine.ID, "alice", true, true, ""},
		"somebody else's":  {store, mine.ID, "bob", false, false, ""},
		"at another task":  {other, mine.ID, "alice", false, true, "10.0.0.1:8080"},
		"forged":           {store, string(forged), "alice", false, false, ""},
		"nothing":          {store, "", "alice", false, false, ""},
		"not even base64":  {store, "!", "alice", false, false, ""},
		"another secret's": {stranger, mine.ID, "alice", false, false, ""},
		"restarted":        {newStore(t, Options{Self: "10.0.0.1:8080"}), mine.ID, "alice", false, false, ""},
	} {
		here, elsewhere, ok := c.store.Find(c.id, c.key)
		if (here == mine) != c.here || elsewhere != c.elsewhere || ok != c.ok {
			t.Errorf("%s: Find = %v, %q, %v", name, here, elsewhere, ok)
		}
	}
	if strings.Contains(mine.ID, "10.0.0.1") || store.Start("alice").ID == mine.ID {
		t.Errorf("id %q tells the address, or is another session's too", mine.ID)
	}
}

func TestSessionsEnd(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	store := newStore(t, Options{Idle: time.Minute, Max: 2, Now: func() time.Time { return now }})
	alive := func(s *Session) bool {
		_, _, ok := store.Find(s.ID, "a")
		select {
		case <-s.Done():
			if ok {
				t.Error("a session that has ended is found")
			}
		default:
		}
		return ok
	}
	first := store.Start("a")
	now = now.Add(time.Minute)
	second := store.Start("a")
	if !alive(first) || !alive(second) {
		t.Fatal("two sessions within their time are not both there")
	}
	now = now.Add(time.Second)
	store.Touch(first)
	third := store.Start("a")
	if !alive(first) || alive(second) || !alive(third) {
		t.Error("the session that was idle longest should make room for a third")
	}
	store.End(third)
	if alive(third) || third.context.Err() == nil {
		t.Error("a session goes on after its end")
	}
	now = now.Add(time.Minute + time.Second)
	if alive(first) || first.context.Err() == nil {
		t.Error("a session goes on after its time")
	}
}

// A key that begins sessions without end ends its own, and none in which a call
// runs as long as there is another.
func TestNoKeyEndsAnothersSessions(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	store := newStore(t, Options{Max: 3, Now: func() time.Time { return now }})
	alices := store.Start("alice")
	now = now.Add(time.Second)
	working := store.Start("bob")
	call, done := working.Run(t.Context(), "1")
	defer done()
	for range 10 {
		now = now.Add(time.Second)
		store.Start("bob")
	}
	if _, _, ok := store.Find(alices.ID, "alice"); !ok {
		t.Error("bob has ended alice's session")
	}
	if call.Err() != nil {
		t.Error("a session went in which a call ran, though there were idle ones")
	}
	if len(store.sessions) != 3 {
		t.Errorf("there are %d sessions, want 3", len(store.sessions))
	}
}

// A call counts as use, however long it takes.
func TestCallKeepsItsSession(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	store := newStore(t, Options{Idle: time.Minute, Now: func() time.Time { return now }})
	session := store.Start("a")
	_, done := session.Run(t.Context(), "1")
	now = now.Add(time.Hour)
	store.Start("b") // which looks for what is over
	if _, _, ok := store.Find(session.ID, "a"); !ok {
		t.Error("the session ended under its call")
	}
	done()
	now = now.Add(time.Hour)
	if _, _, ok := store.Find(session.ID, "a"); ok {
		t.Error("the session goes on though the call has ended")
	}
}

func TestCallsOutliveConnectionsNotSessions(t *testing.T) {
	store := newStore(t, Options{})
	session := store.Start("a")
	connection, hangUp := context.WithTimeout(t.Context(), time.Hour)
	one, done := session.Run(connection, "1")
	two, doneToo := session.Run(connection, `"two"`)
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
	if one.Err() == nil || two.Err() != nil {
		t.Errorf("cancelled 1: %v and %v", one.Err(), two.Err())
	}
	done()
	session.Cancel("1") // gone: nothing happens
	store.End(session)
	if <-two.Done(); two.Err() == nil {
		t.Error("the call goes on after its session")
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
	session.General.Append([]byte("1"))
	if session.streams[0] != session.General {
		t.Error("the general stream is forgotten")
	}
}

func TestForward(t *testing.T) {
	var got *http.Request
	owner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.WriteHeader(http.StatusTeapot)
	}))
	defer owner.Close()
	store := newStore(t, Options{Self: "10.0.0.2:8080"})
	forward := func(address string, header http.Header) (status int, gone bool) {
		r := httptest.NewRequest("POST", "/mcp?x=1", strings.NewReader("{}"))
		r.Header = header
		w := httptest.NewRecorder()
		store.Forward(w, r, address, func() { gone = true })
		return w.Code, gone
	}
	address := strings.TrimPrefix(owner.URL, "http://")
	if status, gone := forward(address, http.Header{"X-Api-Key": {"k"}, "Mcp-Session-Id": {"s"}}); status != http.StatusTeapot || gone {
		t.Errorf("forwarded: %d, gone %v", status, gone)
	}
	if got.URL.String() != "/mcp?x=1" || got.Header.Get("X-Api-Key") != "k" || got.Header.Get("Mcp-Session-Id") != "s" {
		t.Errorf("the owner got %s with %v", got.URL, got.Header)
	}
	if _, gone := forward(address, got.Header); !gone {
		t.Error("passed on a second time")
	}
	owner.Close()
	if _, gone := forward(address, http.Header{}); !gone {
		t.Error("an owner that is not there is not told")
	}
}

// Both tasks write what browsers ask for; once is what counts.
func TestForwardedOnceForBrowsers(t *testing.T) {
	cors := func(w http.ResponseWriter) {
		w.Header().Add("Vary", "Origin")
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
	}
	owner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		cors(w)
		w.Header().Set("Mcp-Session-Id", "s")
	}))
	defer owner.Close()
	w := httptest.NewRecorder()
	cors(w)
	newStore(t, Options{Self: "10.0.0.2:8080"}).Forward(w, httptest.NewRequest("POST", "/mcp", nil), strings.TrimPrefix(owner.URL, "http://"), func() { t.Error("gone") })
	for name, want := range map[string]string{"Access-Control-Allow-Origin": "https://app.example", "Vary": "Origin", "Mcp-Session-Id": "s"} {
		if d := cmp.Diff([]string{want}, w.Header().Values(name)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
