package logs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/hosting/logs"
)

// buffer is a bytes.Buffer for concurrent use.
type buffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// lines returns the log without its timestamps.
func (b *buffer) lines(t *testing.T) []map[string]any {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []map[string]any
	for line := range strings.Lines(b.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		delete(m, "timestamp")
		lines = append(lines, m)
	}
	return lines
}

func TestAggregate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		log := logs.New(&out, slog.LevelInfo)
		for i := range 5 {
			log.With("requestId", fmt.Sprint(i)).Warn("denied", "reason", "unknown")
			time.Sleep(100 * time.Millisecond)
		}
		log.With("reason", "expired", "keyId", "alice").Warn("denied")
		log.Warn("denied", "reason", "expired", "keyId", "bob")
		time.Sleep(600 * time.Millisecond)
		log.Warn("denied", "reason", "unknown") // in the second window
		time.Sleep(3 * time.Second)
		log.With("requestId", "9").Warn("denied", "reason", "unknown")
		synctest.Wait()
		want := []map[string]any{
			{"level": "WARN", "message": "denied", "reason": "unknown", "requestId": "0", "count": 1.0},
			{"level": "WARN", "message": "denied", "reason": "expired", "keyId": "alice", "count": 1.0},
			{"level": "WARN", "message": "denied", "reason": "expired", "keyId": "bob", "count": 1.0},
			{"level": "WARN", "message": "denied", "reason": "unknown", "count": 4.0},
			{"level": "WARN", "message": "denied", "reason": "unknown", "count": 1.0},
			{"level": "WARN", "message": "denied", "reason": "unknown", "requestId": "9", "count": 1.0},
		}
		if diff := cmp.Diff(want, out.lines(t)); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
		time.Sleep(3 * time.Second) // the summary of the last window
	})
}

func TestOtherLinesAreNotAggregated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		log := logs.New(&out, slog.LevelInfo)
		for range 3 {
			log.Info("allowed", "reason", "valid")
			log.Error("cannot read", "error", "access denied")
			log.WithGroup("g").Warn("denied", "reason", "in a group")
			log.Warn("denied", "reason", 7)
		}
		lines := out.lines(t)
		if len(lines) != 12 {
			t.Errorf("%d lines, want 12: %s", len(lines), &out.Buffer)
		}
		for _, line := range lines {
			if _, counted := line["count"]; counted {
				t.Errorf("aggregated: %v", line)
			}
		}
	})
}

// Requests of a valid key beyond its scope or limits also share lines, by tool. Calls that
// were served do not.
func TestAggregateOfValidKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		log := logs.New(&out, slog.LevelInfo)
		for i := range 3 {
			id := slog.String("requestId", fmt.Sprint(i))
			log.Info("request", id, "outcome", "over limit", "tool", "a", "keyId", "alice", "client", "c")
			log.Info("request", id, "outcome", "over limit", "tool", "b", "keyId", "alice")
			log.Info("request", id, "outcome", "not found or not allowed", "keyId", "alice")
			log.Warn("request", id, "outcome", "rejected", "reason", "busy", "status", 429, "tool", "a", "keyId", "alice")
			log.Warn("request", id, "outcome", "rejected", "status", 200, "code", -32601, "keyId", "alice")
			log.Info("request", id, "outcome", "ok", "tool", "a", "keyId", "alice")
			log.Info("request", id, "outcome", "tool error", "tool", "a", "keyId", "alice")
			log.Error("request", id, "outcome", "timeout", "reason", "too slow", "tool", "a", "keyId", "alice")
		}
		time.Sleep(3 * time.Second)
		var got []string
		for _, line := range out.lines(t) {
			if line["requestId"] == nil || line["count"] == nil {
				got = append(got, fmt.Sprint(line["requestId"], " ", line["outcome"], " ", line["reason"], " ", line["status"], " ", line["code"], " ", line["tool"], " ", line["keyId"], " ", line["count"]))
			} else if line["count"] != 1.0 || line["requestId"] != "0" {
				t.Errorf("the first of its kind is %v", line)
			}
		}
		slices.Sort(got)
		want := []string{
			"0 ok <nil> <nil> <nil> a alice <nil>", "0 timeout too slow <nil> <nil> a alice <nil>", "0 tool error <nil> <nil> <nil> a alice <nil>",
			"1 ok <nil> <nil> <nil> a alice <nil>", "1 timeout too slow <nil> <nil> a alice <nil>", "1 tool error <nil> <nil> <nil> a alice <nil>",
			"2 ok <nil> <nil> <nil> a alice <nil>", "2 timeout too slow <nil> <nil> a alice <nil>", "2 tool error <nil> <nil> <nil> a alice <nil>",
			"<nil> not found or not allowed <nil> <nil> <nil> <nil> alice 2",
			"<nil> over limit <nil> <nil> <nil> a alice 2", "<nil> over limit <nil> <nil> <nil> b alice 2",
			"<nil> rejected <nil> 200 -32601 <nil> alice 2", "<nil> rejected busy 429 <nil> a alice 2",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

// The first line has all attributes of its event unchanged. The summary has the count, and
// only attributes of the usual types that the event has.
func TestSummaryOfOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		log := logs.New(&out, slog.LevelInfo)
		for range 2 {
			log.Warn("denied", "reason", "a", "status", "none", "code", 1.5)
		}
		time.Sleep(3 * time.Second)
		want := []map[string]any{
			{"level": "WARN", "message": "denied", "reason": "a", "status": "none", "code": 1.5, "count": 1.0},
			{"level": "WARN", "message": "denied", "reason": "a", "count": 1.0},
		}
		if diff := cmp.Diff(want, out.lines(t)); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	})
}

// At most 200 kinds have separate lines in a second; the others share one.
func TestKindsInASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		log := logs.New(&out, slog.LevelInfo)
		for i := range 300 {
			log.Warn("denied", "reason", fmt.Sprint(i))
		}
		if n := len(out.lines(t)); n != 201 {
			t.Errorf("%d lines of 300 kinds, want 201", n)
		}
		time.Sleep(3 * time.Second)
		all := out.lines(t)
		if last := all[len(all)-1]; len(all) != 202 || last["reason"] != "other" || last["count"] != 99.0 {
			t.Errorf("%d lines, the last %v; want 99 others", len(all), last)
		}
	})
}

// A flood of any events causes a small log, and every event is counted.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		log := logs.New(&out, slog.LevelInfo)
		const n = 100_000
		for i := range n {
			log.Warn("denied", "reason", fmt.Sprint("reason ", i%1000), "client", strings.Repeat("x", 100))
			if i%1000 == 0 {
				time.Sleep(10 * time.Millisecond) // 100 ms for each 10,000
			}
		}
		time.Sleep(3 * time.Second)
		sum := 0
		for _, line := range out.lines(t) {
			sum += int(line["count"].(float64))
		}
		if sum != n {
			t.Errorf("the counts add up to %d, want %d", sum, n)
		}
		if kb := out.Len() / 1024; kb > 150 {
			t.Errorf("the log of a second of flood has %d KB, want at most 150", kb)
		}
	})
}

// Events that differ in level, status, code, tool or key are of different kinds, and a
// summary has exactly the attributes of its kind.
func TestKindsOfEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out buffer
		log := logs.New(&out, slog.LevelInfo)
		kinds := [][]any{
			{"outcome", "rejected", "reason", "a", "status", 400}, {"outcome", "rejected", "reason", "a", "status", 413},
			{"outcome", "rejected", "status", 200, "code", -32601}, {"outcome", "rejected", "status", 200, "code", -32602},
			{"outcome", "over limit", "tool", "x", "keyId", "k"}, {"outcome", "over limit", "tool", "y", "keyId", "k"}, {"outcome", "over limit", "tool", "x", "keyId", "l"},
			{"outcome", "denied", "reason", "a"}, {"outcome", "undecided", "reason", "a"}, {"outcome", "unsupported"}, {"reason", "alone"},
		}
		for _, kind := range kinds {
			for range 3 {
				log.Warn("m", append([]any{"requestId", "r"}, kind...)...)
			}
		}
		time.Sleep(3 * time.Second)
		all := out.lines(t)
		if len(all) != 2*len(kinds) {
			t.Fatalf("%d lines, want %d", len(all), 2*len(kinds))
		}
		for _, kind := range kinds {
			first := map[string]any{"level": "WARN", "message": "m", "count": 1.0, "requestId": "r"}
			rest := map[string]any{"level": "WARN", "message": "m", "count": 2.0}
			for i := 0; i < len(kind); i += 2 {
				value := kind[i+1]
				if n, ok := value.(int); ok {
					value = float64(n)
				}
				first[kind[i].(string)], rest[kind[i].(string)] = value, value
			}
			for _, want := range []map[string]any{first, rest} {
				if !slices.ContainsFunc(all, func(got map[string]any) bool { return cmp.Equal(got, want) }) {
					t.Errorf("no line %v", want)
				}
			}
		}
	})
}
