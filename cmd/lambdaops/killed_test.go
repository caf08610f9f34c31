package main

import (
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"serverless-mcp/internal/emulator/awsfake"
)

// changing lists, in order, the calls of an upgrade of withAliases that change something or
// run code.
var changing = []string{
	"PublishVersion", "CreateFunction", "Invoke", "DeleteFunction", "UpdateAlias", "UpdateFunctionConfiguration", "Invoke",
	"PublishVersion", "UpdateAlias", "UpdateAlias",
}

// withAliases returns a function with one alias that an upgrade shifts, one that follows
// $LATEST, and one of an older release.
func withAliases() awsfake.LambdaFunction {
	f := orders()
	f.Versions, f.Aliases = 2, map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}
	return f
}

// TestKilledAtEveryCall kills the program (SIGKILL) at each of its changing calls, before
// or after AWS has carried out the call. The next process restores the previous state.
func TestKilledAtEveryCall(t *testing.T) {
	for at, op := range changing {
		for _, served := range []bool{false, true} {
			// The next process would wait a minute for a copy that may still appear; the
			// tests of package upgrade do that with their own clock.
			if op == "CreateFunction" || op == "DeleteFunction" && served {
				continue
			}
			t.Run(fmt.Sprintf("%d %s, served %v", at+1, op, served), func(t *testing.T) {
				t.Parallel()
				killedAt(t, at, op, served)
			})
		}
	}
}

func killedAt(t *testing.T, at int, op string, served bool) {
	var process atomic.Pointer[os.Process]
	var n atomic.Int64
	w := newWorld(t, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(called string) *awsfake.Fault {
		p := process.Load()
		if p == nil || !slices.Contains(changing, called) || n.Add(1) != int64(at+1) {
			return nil
		}
		if called != op {
			t.Errorf("call %d is %s, want %s", at+1, called, op)
		}
		if err := p.Kill(); err != nil {
			t.Error(err)
		}
		return &awsfake.Fault{Hangup: !served}
	}}}, withAliases())
	first := w.connect(t, clientOptions{})
	process.Store(first.process.Process)
	if _, err := first.CallTool(t.Context(), &mcp.CallToolParams{Name: "upgrade_runtime", Arguments: map[string]any{"function": "orders", "confirm": true}}); err == nil {
		t.Fatal("the upgrade ended before the program was killed")
	}
	process.Store(nil)
	_ = first.Close() // waits for the process

	next := w.connect(t, clientOptions{})
	if text, isError := next.call(t, "rollback_runtime", map[string]any{"function": "orders", "confirm": true}); isError {
		t.Errorf("rollback: %s", text)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs18.x" {
		t.Errorf("$LATEST has %s, want nodejs18.x", got)
	}
	if diff := cmp.Diff(withAliases().Aliases, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	if got := w.aws.Functions(); len(got) != 1 {
		t.Errorf("functions %v, want no copy", got)
	}
}
