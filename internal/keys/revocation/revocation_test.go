package revocation

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/gateway"
)

const timeout = 5 * time.Second // of the authorizer

var settled = MaxStaleness(timeout)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// world is a gateway with an authorizer, and a clock that sleeping advances. Events
// happen at given times.
type world struct {
	*httptest.Server
	api     *gateway.API
	revoked atomic.Bool // the key is not in a fresh keyring

	mu     sync.Mutex
	at     time.Time
	events map[time.Duration]func() // since noon

	slow    chan struct{} // a call of the authorizer with slow=1 waits for it
	arrived chan struct{}
	resets  int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{at: noon, events: map[time.Duration]func(){}, slow: make(chan struct{}), arrived: make(chan struct{}, 9)}
	authorizer := invoker(func(payload []byte) []byte {
		result := `{"isAuthorized":true}`
		if w.revoked.Load() && !strings.Contains(string(payload), "slow=1") {
			result = `{"isAuthorized":false}`
		}
		if strings.Contains(string(payload), "slow=1") {
			w.arrived <- struct{}{}
			<-w.slow
		}
		return []byte(result)
	})
	api, err := gateway.New(gateway.Config{
		Now: w.now,
		Routes: []gateway.Route{{
			Method: "POST", Path: "/mcp",
			Authorizer:  &gateway.Authorizer{IdentitySource: []string{"$request.header.x-api-key"}, TTL: 300 * time.Second, Function: authorizer},
			Integration: invoker(func([]byte) []byte { return []byte(`{"statusCode":200}`) }),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.api, w.Server = api, httptest.NewServer(api)
	t.Cleanup(w.Close)
	return w
}

type invoker func(payload []byte) []byte

func (f invoker) Invoke(_ context.Context, payload []byte) ([]byte, error) { return f(payload), nil }

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// sleep advances the clock and runs the events of that time.
func (w *world) sleep(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	w.at = w.at.Add(d)
	since := w.at.Sub(noon)
	var due []func()
	for when, event := range w.events {
		if when <= since {
			due = append(due, event)
			delete(w.events, when)
		}
	}
	w.mu.Unlock()
	for _, event := range due {
		event()
	}
	return ctx.Err()
}

func (w *world) reset(context.Context) error {
	w.resets++
	w.api.ResetAuthorizersCache()
	return nil
}

// ask sends a request with the key and returns the status.
func (w *world) ask(t *testing.T, query string) int {
	t.Helper()
	req, err := http.NewRequest("POST", w.URL+"/mcp"+query, nil)
	if err != nil {
		t.Error(err)
		return 0
	}
	req.Header.Set("x-api-key", "the-key")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// TestLateAllow: an authorizer with an old keyring is called just before the reset,
// and its allow reaches the gateway just after. Without a second reset, the gateway
// would accept the key for five more minutes.
func TestLateAllow(t *testing.T) {
	for name, known := range map[string]bool{"the key is known": true, "the key is unknown": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if got := w.ask(t, ""); got != http.StatusOK {
				t.Fatalf("before: %d", got)
			}
			w.revoked.Store(true)
			if got := w.ask(t, ""); got != http.StatusOK {
				t.Fatalf("a cached result: %d", got)
			}
			var late sync.WaitGroup
			w.events[settled-time.Second] = func() {
				w.api.ResetAuthorizersCache() // as if the cached result had expired: the gateway calls the authorizer
				late.Go(func() { w.ask(t, "?slow=1") })
				<-w.arrived
			}
			w.events[settled+time.Second] = func() {
				close(w.slow)
				late.Wait()
				if got := w.ask(t, ""); got != http.StatusOK {
					t.Errorf("after the late allow: %d, want 200, or the race was not reproduced", got)
				}
			}
			o := Options{AuthorizerTimeout: timeout, Reset: w.reset, Now: w.now, Sleep: w.sleep}
			if known {
				o.Probe = func(context.Context) (Outcome, error) {
					return map[int]Outcome{http.StatusOK: Accepted, http.StatusForbidden: Rejected}[w.ask(t, "")], nil
				}
			}
			took, err := Enforce(t.Context(), noon, o)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time for a result that arrives later still
				if got := w.ask(t, ""); got != http.StatusForbidden {
					t.Errorf("after %v: %d, want 403", took, got)
				}
				w.sleep(t.Context(), ResetInterval)
			}
			if took < settled || took > MaxDuration {
				t.Errorf("took %v, want %v to %v", took, settled, MaxDuration)
			}
			if w.resets != 2 {
				t.Errorf("%d resets, want 2", w.resets)
			}
		})
	}
}

// The durations that the documentation promises.
func TestDurations(t *testing.T) {
	if settled != 37*time.Second || settled+ResetInterval > MaxDuration {
		t.Errorf("MaxStaleness is %v, with %v between the resets; want 37s, and both within %v", settled, ResetInterval, MaxDuration)
	}
}

// A reset before the keyrings have expired would have no effect.
func TestNoResetTooEarly(t *testing.T) {
	w := newWorld(t)
	var first time.Duration
	reset := func(context.Context) error {
		if first == 0 {
			first = w.now().Sub(noon)
		}
		return nil
	}
	w.at = noon.Add(10 * time.Second) // since the write
	if _, err := Enforce(t.Context(), noon, Options{AuthorizerTimeout: timeout, Reset: reset, Now: w.now, Sleep: w.sleep}); err != nil || first != settled {
		t.Errorf("first reset after %v, %v; want %v", first, err, settled)
	}
}

func TestOutcomes(t *testing.T) {
	w := newWorld(t)
	down := errors.New("down")
	after := func(n int, answer Outcome, err error) func(int) (Outcome, error) {
		return func(asked int) (Outcome, error) {
			if asked > n {
				return Rejected, nil
			}
			return answer, err
		}
	}
	const ever = 1 << 20
	for _, tc := range []struct {
		name   string
		answer func(asked int) (Outcome, error)
		want   error
		resets int // at least
	}{
		{"rejected at once", after(0, Rejected, nil), nil, 2},
		{"always accepted", after(ever, Accepted, nil), ErrStillAccepted, 100},
		{"accepted at first", after(3, Accepted, nil), nil, 5},
		{"never decided", after(ever, Undecided, nil), ErrUndecided, 1},
		{"undecided at first", after(3, Undecided, nil), nil, 2},
		{"probe fails", after(ever, Accepted, down), down, 1},
		{"probe fails at first", after(3, Accepted, down), nil, 2},
		{"accepted in the second round", func(asked int) (Outcome, error) {
			if asked == 2 {
				return Accepted, nil
			}
			return Rejected, nil
		}, nil, 3},
		{"undecided in the second round", func(asked int) (Outcome, error) {
			if asked > 1 {
				return Undecided, nil
			}
			return Rejected, nil
		}, nil, 2},
	} {
		w.resets = 0
		asked := 0
		_, err := Enforce(t.Context(), w.now(), Options{AuthorizerTimeout: timeout, Reset: w.reset, Now: w.now, Sleep: w.sleep,
			Probe: func(context.Context) (Outcome, error) { asked++; return tc.answer(asked) }})
		if !errors.Is(err, tc.want) || w.resets < tc.resets || w.resets > tc.resets+30 {
			t.Errorf("%s: %v after %d resets, want %v after about %d", tc.name, err, w.resets, tc.want, tc.resets)
		}
	}
	if _, err := Enforce(t.Context(), w.now(), Options{AuthorizerTimeout: timeout, Reset: func(context.Context) error { return down }, Now: w.now, Sleep: w.sleep}); !errors.Is(err, down) {
		t.Errorf("reset fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Enforce(ctx, w.now(), Options{AuthorizerTimeout: timeout, Reset: w.reset, Now: w.now, Sleep: w.sleep}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
