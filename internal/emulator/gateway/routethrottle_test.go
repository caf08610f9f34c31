package gateway

import (
	"testing"
	"time"
)

// TestRouteThrottle: a route with its own throttle takes no tokens from the stage's bucket,
// and is not limited by it.
func TestRouteThrottle(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	f := responds(ok200)
	api := mustNew(t, Config{
		Routes: []Route{
			{Method: "GET", Path: "/", Integration: f, ThrottleRate: 2, ThrottleBurst: 2},
			{Method: "GET", Path: "/mcp", Integration: f},
		},
		ThrottleRate: 1, ThrottleBurst: 1,
		Now: func() time.Time { return now },
	})
	for i, s := range []struct {
		after time.Duration
		path  string
		want  int
	}{
		{0, "/mcp", 200}, {0, "/mcp", 429}, // the stage's bucket is empty
		{0, "/", 200}, {0, "/", 200}, {0, "/", 429},
		{500 * time.Millisecond, "/", 200}, {0, "/", 429}, {0, "/mcp", 429},
		{500 * time.Millisecond, "/mcp", 200},
	} {
		now = now.Add(s.after)
		if res := serve(api, request("GET", s.path, "")); res.StatusCode != s.want {
			t.Errorf("step %d, %s: got %d, want %d", i, s.path, res.StatusCode, s.want)
		}
	}
}
