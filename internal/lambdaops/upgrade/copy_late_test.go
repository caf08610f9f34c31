package upgrade

import (
	"context"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/awsfake"
)

// slow is how long lateAWS takes to close the connection.
const slow = 30 * time.Second

// lateAWS is an account that closes the connection instead of responding to CreateFunction,
// and creates the copy only when the upgrade reads the copy for the n-th time.
func lateAWS(t *testing.T, n int) *world {
	t.Helper()
	var w *world
	asked := false
	w = newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		switch {
		case op == "CreateFunction":
			asked = true
			if w.unfinished(t).CopyRequested.IsZero() {
				t.Error("the journal does not have the request to create the copy")
			}
			return &awsfake.Fault{Hangup: true, Delay: func(context.Context) { w.pass(slow) }}
		case op == "GetFunction" && asked:
			if n--; n == 0 {
				copied := plain()
				op := w.unfinished(t)
				copied.Config.FunctionName = op.Copy
				copied.Tags = map[string]string{TagOperation: op.ID}
				w.aws.Add(copied)
			}
		}
		return nil
	}}}, plain())
	return w
}

// TestLateCopy: the response to the request for a copy is lost, and the copy appears only
// when the upgrade reads it for the third time.
func TestLateCopy(t *testing.T) {
	w := lateAWS(t, 3)
	if res := w.mustUpgrade(t, request); res.Outcome != Untouched {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
	if w.count("DeleteFunction") != 1 {
		t.Error("the copy was not deleted")
	}
	w.noCopyLeft(t)
	w.nothingOpen(t)
}

// TestCopyNeverAppears: the upgrade waits for the copy for a minute.
func TestCopyNeverAppears(t *testing.T) {
	w := lateAWS(t, -1)
	if res := w.mustUpgrade(t, request); res.Outcome != Untouched {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
	if waited := w.now.Sub(today); waited != slow+lateCopy {
		t.Errorf("waited %v, want %v", waited, slow+lateCopy)
	}
	w.nothingOpen(t)
}

// TestRefusedCopy: the upgrade does not wait for a copy that AWS refused to create.
func TestRefusedCopy(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("CreateFunction", 1)}}, plain())
	if res := w.mustUpgrade(t, request); res.Outcome != Untouched || w.now != today {
		t.Errorf("outcome %q after %v", res.Outcome, w.now.Sub(today))
	}
}

// TestThrottledCopy: an earlier attempt of the SDK, whose response was lost, may have
// created the copy.
func TestThrottledCopy(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if op != "CreateFunction" {
			return nil
		}
		return &awsfake.Fault{Error: &awsfake.Error{Status: 429, Code: "TooManyRequestsException", Message: "Rate exceeded"}}
	}}}, plain())
	if res := w.mustUpgrade(t, request); res.Outcome != Untouched || w.now.Sub(today) != lateCopy {
		t.Errorf("outcome %q after %v", res.Outcome, w.now.Sub(today))
	}
}

// TestKilledWhileRequestingTheCopy: the next process waits for the rest of the minute; a
// process that starts later does not wait.
func TestKilledWhileRequestingTheCopy(t *testing.T) {
	for pause, want := range map[time.Duration]time.Duration{20 * time.Second: 40 * time.Second, time.Hour: 0} {
		w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
			if op == "CreateFunction" {
				return &awsfake.Fault{Hangup: true}
			}
			return nil
		}}}, plain())
		w.kill(t, request, "delete the copy")
		w.now = w.now.Add(pause)
		from := w.now
		if res := w.undo(t); res.Outcome != Untouched || w.now.Sub(from) != want {
			t.Errorf("undo after %v: %q after %v, want %v", pause, res.Outcome, w.now.Sub(from), want)
		}
	}
}

// TestNoIDDeletesNothing: an empty id would match every function without the tag.
func TestNoIDDeletesNothing(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	if err := w.deleteTagged(t.Context(), "orders", "", time.Time{}); err == nil || !strings.Contains(err.Error(), "no id") || len(w.aws.Functions()) != 1 {
		t.Errorf("error %v; functions %v", err, w.aws.Functions())
	}
}
