package upgrade

import (
	"context"
	"os"
	"strings"
	"testing"

	"serverless-mcp/internal/emulator/awsfake"
)

// TestAnotherProcess: while another process is working on the function, neither an
// upgrade nor a rollback begins. The journal's tests show that the lock holds between
// processes.
func TestAnotherProcess(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	w.mustUpgrade(t, request)
	back, err := w.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.Runtime = "nodejs18.x" })
	plan, err := w.Plan(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	release, err := w.o.Journal.Lock(plan.ARN)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if _, err := w.Run(t.Context(), plan); err == nil || !strings.Contains(err.Error(), "working on the function") {
		t.Errorf("upgrade: %v", err)
	}
	if _, err := w.Undo(t.Context(), back); err == nil || !strings.Contains(err.Error(), "working on the function") {
		t.Errorf("rollback: %v", err)
	}
}

// TestUndoneMeanwhile: two processes plan the same rollback, and the second runs it
// after the first.
func TestUndoneMeanwhile(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"finished":  func(w *world) { w.mustUpgrade(t, request) },
		"half done": func(w *world) { w.kill(t, request, "test $LATEST") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
			prepare(w)
			second, err := w.PlanRollback(t.Context(), "orders")
			if err != nil {
				t.Fatal(err)
			}
			w.undo(t)
			w.calls = nil
			if _, err := w.Undo(t.Context(), second); err == nil || !strings.Contains(err.Error(), "plan again") || len(w.calls) > 0 {
				t.Errorf("the second rollback: %v, calls %v", err, w.calls)
			}
			w.nothingOpen(t)
		})
	}
}

// TestTriedMeanwhile: another process tries the same rollback between plan and execution, and
// does not complete it. The operation stays unfinished, but its plan is out of date.
func TestTriedMeanwhile(t *testing.T) {
	deny := false
	w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if deny {
			return denied("UpdateFunctionConfiguration", 1)(op)
		}
		return nil
	}}}, orders())
	w.kill(t, request, "test $LATEST")
	second, err := w.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	deny = true
	if res := w.undo(t); res.Outcome != Incomplete {
		t.Fatalf("the first rollback: %q, %v", res.Outcome, res.Problems)
	}
	deny, w.calls = false, nil
	if _, err := w.Undo(t.Context(), second); err == nil || !strings.Contains(err.Error(), "plan again") || len(w.calls) > 0 {
		t.Errorf("the second rollback: %v, calls %v", err, w.calls)
	}
	if res := w.undo(t); res.Outcome != RolledBack {
		t.Errorf("the rollback that was planned again: %q, %v", res.Outcome, res.Problems)
	}
	w.nothingOpen(t)
}

// TestRollbackOwnsTheJournal: during a rollback the journal names the process that rolls back.
func TestRollbackOwnsTheJournal(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	w.kill(t, request, "test $LATEST")
	op := w.unfinished(t)
	op.PID, op.Host = 1, "another machine"
	op.Lease = w.now
	if err := w.o.Journal.Save(op); err != nil {
		t.Fatal(err)
	}
	onStep := w.o.OnStep
	looked := false
	w.o.OnStep = func(ctx context.Context, n int, step string) {
		onStep(ctx, n, step)
		if op := w.unfinished(t); op.PID != os.Getpid() || op.Host == "another machine" {
			t.Errorf("at %q the journal has process %d on %s", step, op.PID, op.Host)
		}
		looked = true
	}
	if res := w.undo(t); res.Outcome != RolledBack || !looked {
		t.Errorf("undo: %q, looked %v", res.Outcome, looked)
	}
}
