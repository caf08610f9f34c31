package mcpsession

import (
	"strconv"
	"strings"
	"testing"
	"time"
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

func TestSecretLength(t *testing.T) {
	if _, err := New(Options{Secret: secret[1:]}); err == nil {
		t.Error("accepted a secret of 15 bytes")
	}
}

func TestDefaults(t *testing.T) {
	o := newStore(t, Options{}).o
	if o.Idle != 30*time.Minute || o.Max != 1000 || o.MaxEventBytes != 256<<10 || o.MaxBytes != 16<<20 || o.Now == nil || o.Transport == nil {
		t.Errorf("%+v", o)
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
		"another key's":    {store, mine.ID, "bob", false, false, ""},
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
		t.Errorf("id %q shows the address or is not unique", mine.ID)
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
		t.Fatal("a session ended before its idle time")
	}
	now = now.Add(time.Second)
	store.Touch(first)
	third := store.Start("a")
	if !alive(first) || alive(second) || !alive(third) {
		t.Error("the third session did not replace the one that was idle longest")
	}
	store.End(third)
	if alive(third) || third.context.Err() == nil {
		t.Error("a session continues after End")
	}
	store.End(third) // no effect
	now = now.Add(time.Minute + time.Second)
	if alive(first) || first.context.Err() == nil {
		t.Error("a session continues after its idle time")
	}
}

// A key that starts sessions beyond the limit ends its own sessions, and none with a
// running call while it has an idle one.
func TestSessionLimitIsPerKey(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	store := newStore(t, Options{Max: 3, Now: func() time.Time { return now }})
	alices := store.Start("alice")
	now = now.Add(time.Second)
	working := store.Start("bob")
	call, done := working.StartCall(t.Context(), "1")
	defer done()
	for range 10 {
		now = now.Add(time.Second)
		store.Start("bob")
	}
	if _, _, ok := store.Find(alices.ID, "alice"); !ok {
		t.Error("bob ended alice's session")
	}
	if call.Err() != nil {
		t.Error("a session with a running call was ended although there were idle ones")
	}
	if len(store.sessions) != 3 {
		t.Errorf("there are %d sessions, want 3", len(store.sessions))
	}
}

// The number of sessions is also limited if each belongs to another key.
func TestSessionLimitOfManyKeys(t *testing.T) {
	store := newStore(t, Options{Max: 3})
	var last *Session
	for i := range 20 {
		last = store.Start(strconv.Itoa(i))
	}
	if len(store.sessions) != 3 {
		t.Errorf("there are %d sessions, want 3", len(store.sessions))
	}
	if _, _, ok := store.Find(last.ID, "19"); !ok {
		t.Error("the newest session was ended")
	}
}

// Each request restarts the idle time of its session.
func TestRequestsKeepASession(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	store := newStore(t, Options{Idle: time.Minute, Now: func() time.Time { return now }})
	session := store.Start("a")
	for i := range 3 {
		now = now.Add(time.Minute)
		if _, _, ok := store.Find(session.ID, "a"); !ok {
			t.Fatalf("the session ended before request %d, a minute after the one before", i)
		}
	}
}

// Idle sessions are removed when another starts.
func TestStartRemovesIdleSessions(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	store := newStore(t, Options{Idle: time.Minute, Now: func() time.Time { return now }})
	idle := store.Start("a")
	now = now.Add(time.Minute + time.Second)
	store.Start("b")
	if len(store.sessions) != 1 || idle.context.Err() == nil {
		t.Errorf("%d sessions are stored, want 1 and the idle one ended", len(store.sessions))
	}
}

// A session is not idle while a call runs.
func TestCallKeepsItsSession(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	store := newStore(t, Options{Idle: time.Minute, Now: func() time.Time { return now }})
	session := store.Start("a")
	_, done := session.StartCall(t.Context(), "1")
	now = now.Add(time.Hour)
	store.Start("b") // sweeps idle sessions
	if _, _, ok := store.Find(session.ID, "a"); !ok {
		t.Error("the session ended during its call")
	}
	done()
	now = now.Add(time.Hour)
	if _, _, ok := store.Find(session.ID, "a"); ok {
		t.Error("the session continues after its idle time")
	}
}

// The events of a call count too. If an event is larger than what one session can free,
// several sessions drop events.
func TestMaxBytesOfCalls(t *testing.T) {
	const max = 100_000
	store := newStore(t, Options{MaxBytes: max, MaxEventBytes: 60_000})
	for range 20 {
		store.Start("bob").NewStream().Append(make([]byte, 3000))
	}
	store.Start("alice").NewStream().Append(make([]byte, 50_000))
	if got := store.bytes.Load(); got > max || got < max/4 {
		t.Errorf("%d bytes are stored, want at most %d", got, max)
	}
}

// At the limit for all sessions, only the key that has stored the most loses its oldest
// events.
func TestMaxBytes(t *testing.T) {
	const max = 100_000
	store := newStore(t, Options{MaxBytes: max, MaxEventBytes: 60_000})
	alices := store.Start("alice")
	alices.Notify(make([]byte, 10_000))
	var bobs []*Session
	for range 20 {
		bobs = append(bobs, store.Start("bob"))
		for range 10 {
			bobs[len(bobs)-1].Notify(make([]byte, 5000))
		}
	}
	if got := store.bytes.Load(); got > max || got < max/2 {
		t.Errorf("%d bytes are stored, want about %d", got, max)
	}
	if data, _, ok := after(t, alices, "1-0"); !ok || len(data) != 1 {
		t.Error("bob's events replaced alice's")
	}
	if _, _, ok := after(t, bobs[0], "1-0"); ok {
		t.Error("bob's oldest events are still stored")
	}
	for _, s := range append(bobs, alices) {
		store.End(s)
		s.Notify([]byte("late"))
	}
	if got := store.bytes.Load(); got != 0 {
		t.Errorf("%d bytes are counted after the end of all sessions", got)
	}
}
