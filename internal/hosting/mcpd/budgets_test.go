package mcpd

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// The settings reach the handler: a larger message gets 413, more requests of a key and
// more bytes of them get 429, each at exactly the limit.
func TestBudgetsFromSettings(t *testing.T) {
	s, err := settings.Parse(map[string]string{"SHAPES": "container", "CONTAINER_MESSAGE_KB": "64", "CONTAINER_CALLS_PER_KEY": "2"})
	if err != nil {
		t.Fatal(err)
	}
	env := s.ContainerEnv(nil, "", "issued", "sessions")
	limits, err := readBudgets(func(name string) string { return env[name] })
	if err != nil || limits != (budgets{message: 64 << 10, perKey: 2, bytes: 16 << 20}) {
		t.Fatalf("readBudgets = %+v, %v", limits, err)
	}
	limits.bytes = 4 * 10_000 // a key may use half
	running, finish := make(chan struct{}), make(chan struct{})
	type in struct {
		Text string `json:"text" doc:"any text"`
	}
	set := func(tools.Config) tool.Set {
		return tool.Set{Tools: []tool.Tool{tool.New(tool.Info{Name: "block", Description: "For tests."}, func(context.Context, in) (string, error) {
			running <- struct{}{}
			<-finish
			return "done", nil
		})}}
	}
	newHandler := func(b budgets) http.Handler {
		o := serve.Options{Name: "fixture", Authenticate: func(*http.Request) (apikey.Principal, error) { return apikey.Principal{KeyID: "a"}, nil }}
		b.apply(&o)
		h, err := serve.New(set, o)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	padded := func(size int) string { return rpc.Ping + strings.Repeat(" ", size-len(rpc.Ping)) }
	h := newHandler(budgets{message: limits.message, perKey: 2, bytes: 1 << 20})
	for size, want := range map[int]int{64 << 10: http.StatusOK, 64<<10 + 1: http.StatusRequestEntityTooLarge} {
		if w := rpc.Post(h, padded(size)); w.Code != want {
			t.Errorf("%d bytes: %d %s, want %d", size, w.Code, w.Body, want)
		}
	}
	for name, test := range map[string]struct {
		b      budgets
		bodies []int // of the calls that run
		size   int   // of the next request
		want   int
	}{
		"calls below":  {budgets{1 << 20, 2, 1 << 20}, []int{1}, 100, http.StatusOK},
		"calls":        {budgets{1 << 20, 2, 1 << 20}, []int{1, 1}, 100, http.StatusTooManyRequests},
		"bytes":        {budgets{1 << 20, 100, limits.bytes}, []int{15_000}, 4_000, http.StatusOK},
		"bytes beyond": {budgets{1 << 20, 100, limits.bytes}, []int{15_000}, 6_000, http.StatusTooManyRequests},
	} {
		h := newHandler(test.b)
		for _, size := range test.bodies {
			go rpc.Post(h, rpc.Call("1", "block", `{"text":"`+strings.Repeat("x", size)+`"}`))
			<-running
		}
		if w := rpc.Post(h, padded(test.size)); w.Code != test.want {
			t.Errorf("%s: %d %s, want %d", name, w.Code, w.Body, test.want)
		}
		for range test.bodies {
			finish <- struct{}{}
		}
	}
}

func TestReadBudgets(t *testing.T) {
	got, err := readBudgets(func(string) string { return "" })
	if want := (budgets{message: 1 << 20, perKey: 100, bytes: 16 << 20}); got != want || err != nil {
		t.Errorf("without settings: %+v, %v", got, err)
	}
	for bytes, want := range map[int]int{1: 1, 16 << 20: 512, 256 << 20: 8192} {
		var o serve.Options
		b := budgets{bytes: bytes}
		if b.apply(&o); o.MaxStreams != want || b.connections() != 3*want {
			t.Errorf("%d bytes: %d streams of %d connections, want %d of three times as many", bytes, o.MaxStreams, b.connections(), want)
		}
	}
	_, err = readBudgets(func(name string) string {
		return map[string]string{"MAX_MESSAGE_BYTES": "0", "CALLS_PER_KEY": "-1", "BUDGET_BYTES": "many"}[name]
	})
	for _, want := range []string{`MAX_MESSAGE_BYTES "0"`, `CALLS_PER_KEY "-1"`, `BUDGET_BYTES "many"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s in it", err, want)
		}
	}
}
