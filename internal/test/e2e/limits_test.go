package e2e

import (
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
)

// minutes is a clock, set in minutes, for servers that count calls.
type minutes struct {
	clock
	start time.Time
}

// newMinutes returns a clock that begins in the first second of a minute, at noon, so
// that a minute and a day do not end while a test sends requests.
func newMinutes(t *testing.T) *minutes {
	m := &minutes{newClock(t), time.Now().UTC().Truncate(24 * time.Hour).Add(36*time.Hour + time.Second)}
	m.set(t, 0)
	return m
}

// set sets the clock to n minutes after its start.
func (m *minutes) set(t *testing.T, n int) {
	t.Helper()
	m.clock.set(t, time.Until(m.start.Add(time.Duration(n)*time.Minute)))
}

// option makes every server use the clock.
func (m *minutes) option(top *local.Topology, o *local.Options) {
	for _, id := range []string{local.MCPID, local.MCPStreamID} {
		if _, ok := top.Functions[id]; ok {
			m.use(id)(top, o)
		}
	}
	if top.Container.Program != "" {
		top.Container.Env["CLOCK"] = string(m.clock)
	}
}

func withLimits(minute, day int) option {
	return withKeys(apikey.Key{ID: "alice", SHA256: apikey.Hash(scopedKey), Limits: apikey.Limits{Minute: minute, Day: day}})
}

// whoAmI returns the response of /mcp/whoami.
func (s *system) whoAmI(t *testing.T) (got struct {
	KeyID, Usage string
	Minute, Day  struct{ Limit, Used, Left int }
}) {
	t.Helper()
	a := s.request(t, "GET", "/mcp/whoami", "", "x-api-key", scopedKey)
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 || got.KeyID != "alice" {
		t.Errorf("whoami: %d %s", a.status, a.body)
	}
	return got
}

// TestLimitsAreExact: of 100 concurrent calls to two processes in each minute, exactly as
// many pass as the key's limits allow. Without the table all calls pass and are logged.
func TestLimitsAreExact(t *testing.T) {
	t.Parallel()
	clock := newMinutes(t)
	var down atomic.Bool
	s := start(t, "container", built.fixtures, clock.option, withToken, withLimits(30, 75), func(_ *local.Topology, o *local.Options) {
		o.FailDynamoDB = func(string) *awsfake.Fault {
			if down.Load() {
				return &awsfake.Fault{Hangup: true}
			}
			return nil
		}
	})
	passed := func() int {
		var n atomic.Int32
		var calls sync.WaitGroup
		for range 100 {
			calls.Go(func() {
				if _, failure := s.call(t, scopedKey, "size", `{"text":"four"}`); failure == "" {
					n.Add(1)
				} else if !strings.HasPrefix(failure, "limit of ") {
					t.Errorf("a call failed: %s", failure)
				}
			})
		}
		calls.Wait()
		return int(n.Load())
	}
	for minute, want := range []int{30, 30, 15, 0} {
		clock.set(t, minute)
		if got := passed(); got != want {
			t.Errorf("minute %d: %d of 100 calls passed, want %d", minute, got, want)
		}
	}
	if n := s.logs.count("limits unavailable"); n != 0 {
		t.Errorf("%d calls were not counted", n)
	}
	if got := s.whoAmI(t); got.Usage != "counted" || got.Day.Used != 75 || got.Day.Left != 0 || got.Minute.Left != 30 {
		t.Errorf("whoami at the end of the quota: %+v", got)
	}
	down.Store(true)
	clock.set(t, 24*60) // a new day: earlier calls no longer count
	if got := passed(); got != 100 {
		t.Errorf("without the table %d of 100 calls passed", got)
	}
	s.logs.wantLines(t, 100, "limits unavailable", `"keyId":"alice"`)
	if got := s.whoAmI(t); got.Usage != "unavailable" {
		t.Errorf("whoami without the table: %+v", got)
	}
}

// TestLimitsAcrossShapes: a key has one limit for all shapes. The limits come from the
// authorizer result behind the gateway, and otherwise from the server's own key check.
func TestLimitsAcrossShapes(t *testing.T) {
	t.Parallel()
	clock := newMinutes(t)
	s := start(t, "shapes", built.fixtures, clock.option, withToken, unthrottled, withLimits(3, 0))
	clock.set(t, 0) // the start may have taken longer than a minute
	stream := &system{System: &local.System{URL: s.StreamURL}}
	const refused = "limit of 3 calls a minute for key alice; again in "
	for i, step := range []struct {
		system *system
		want   string // prefix of the failure
	}{{s, ""}, {stream, ""}, {s, ""}, {s, refused}, {stream, refused}, {s, refused}} {
		if list := step.system.rpc(t, scopedKey, "tools/list", "{}"); !strings.Contains(list.body, `"size"`) {
			t.Errorf("list %d: %d %s", i+1, list.status, list.body)
		}
		if _, failure := step.system.call(t, scopedKey, "size", `{"text":"four"}`); !strings.HasPrefix(failure, step.want) || step.want == "" && failure != "" {
			t.Errorf("call %d: failure %q, want %q", i+1, failure, step.want)
		}
	}
	if a := s.modern(t, scopedKey, "tools/call", "size", `,"name":"size","arguments":{"text":"four"}`); a.status != 200 || !strings.Contains(a.body, `"serverless-mcp/retryAfterSeconds":`) {
		t.Errorf("a refused call of 2026-07-28: %d %s", a.status, a.body)
	}
	for _, system := range []*system{s, stream} {
		if got := system.whoAmI(t); got.Usage != "counted" || got.Minute.Limit != 3 || got.Minute.Used != 3 || got.Minute.Left != 0 {
			t.Errorf("whoami: %+v", got)
		}
	}
	if _, failure := s.call(t, deploymentKey, "size", `{"text":"four"}`); failure != "" {
		t.Errorf("the deployment key has no limit: %s", failure)
	}
	clock.set(t, 60) // a later minute, however slow the machine is
	if _, failure := s.call(t, scopedKey, "size", `{"text":"four"}`); failure != "" {
		t.Errorf("in a later minute: %s", failure)
	}
	check(t, s.request(t, "GET", "/mcp/whoami", "", "x-api-key", wrongKey), 403, `{"message":"Forbidden"}`)
	check(t, s.request(t, "GET", "/mcp/whoami", ""), 401, `{"message":"Unauthorized"}`)
}
