package upgrade

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
)

// kill runs an upgrade up to a step and stops there like a killed process: nothing is
// undone, and the journal stays as it is.
func (w *world) kill(t *testing.T, r Request, at string) {
	t.Helper()
	p, err := w.Plan(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	onStep := w.o.OnStep
	w.o.OnStep = func(ctx context.Context, n int, step string) {
		onStep(ctx, n, step)
		if strings.HasPrefix(step, at) {
			panic("killed")
		}
	}
	defer func() {
		if got := recover(); fmt.Sprint(got) != "killed" {
			t.Fatalf("the upgrade did not reach %q: %v", at, got)
		}
		w.o.OnStep = onStep
	}()
	_, _ = w.Run(t.Context(), p)
}

// TestKilled: whichever step the process is killed at, the next process finds the
// interrupted operation and undoes it.
func TestKilled(t *testing.T) {
	before := map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}
	for _, at := range []string{
		"publish a version with nodejs18.x", "copy the function", "test the copy", "delete the copy",
		"point alias dev from $LATEST", "update $LATEST", "test $LATEST",
		"publish a version with nodejs24.x", "point alias dev from 2", "point alias live",
	} {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, late %v", at, late), func(t *testing.T) {
				now := today
				if late {
					now = blocked
				}
				w := newWorld(t, now, awsfake.LambdaOptions{}, orders())
				r := request
				r.AcceptNoRollback = true
				w.kill(t, r, at)
				if open, err := w.o.Journal.Unfinished(); err != nil || len(open) != 1 {
					t.Fatalf("unfinished: %v, %v; want one", open, err)
				}
				plan, err := w.PlanRollback(t.Context(), "orders")
				if err != nil {
					t.Fatal(err)
				}
				res, err := w.Undo(t.Context(), plan)
				if err != nil || len(res.Problems) != 0 && res.Outcome != ByAlias {
					t.Fatalf("undo: %v, problems %v", err, res.Problems)
				}
				wantAliases, wantLatest := before, "nodejs18.x"
				if res.Outcome == ByAlias {
					wantAliases, wantLatest = map[string]string{"live": "2", "dev": "2", "old": "1"}, "nodejs24.x"
					if !late {
						t.Error("rolled back by alias although AWS still accepts the old runtime")
					}
				}
				if diff := cmp.Diff(wantAliases, w.aws.Aliases("orders")); diff != "" {
					t.Errorf("aliases (-want +got):\n%s", diff)
				}
				if got := w.aws.Runtime("orders", "$LATEST"); got != wantLatest {
					t.Errorf("$LATEST has %s, want %s (outcome %q)", got, wantLatest, res.Outcome)
				}
				w.noCopyLeft(t)
				w.nothingOpen(t)
			})
		}
	}
}

func TestRollbackOfAFinishedUpgrade(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	w.mustUpgrade(t, request)
	plan, err := w.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.Undo(t.Context(), plan)
	if err != nil || res.Outcome != RolledBack {
		t.Fatalf("undo: %q, %v, %v", res.Outcome, res.Problems, err)
	}
	if diff := cmp.Diff(map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs18.x" {
		t.Errorf("$LATEST has %s", got)
	}
	w.nothingOpen(t)
	if _, err := w.PlanRollback(t.Context(), "orders"); err == nil || !strings.Contains(err.Error(), "nothing to undo") {
		t.Errorf("a second rollback: %v", err)
	}
}

func TestRollbackWithoutAliases(t *testing.T) {
	w := newWorld(t, blocked, awsfake.LambdaOptions{Respond: failsOn(onNew)}, plain())
	r := request
	r.AcceptNoRollback = true
	if res := w.mustUpgrade(t, r); res.Outcome != LatestRemains {
		t.Errorf("outcome %q, want %q", res.Outcome, LatestRemains)
	}
	if got := w.aws.Runtime("orders", "1"); got != "nodejs18.x" {
		t.Errorf("the version to go back to has %q", got)
	}
}

// TestRollbackDeletesOnlyItsCopy: a function of that name without the tag is not a
// copy.
func TestRollbackDeletesOnlyItsCopy(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	w.kill(t, request, "test the copy")
	open, err := w.o.Journal.Unfinished()
	if err != nil || len(open) != 1 || open[0].Copy == "" {
		t.Fatalf("unfinished: %+v, %v", open, err)
	}
	w.aws.Retag(open[0].Copy, map[string]string{"owner": "someone"})
	plan, err := w.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.Undo(t.Context(), plan)
	if err != nil || res.Outcome != Incomplete || !strings.Contains(strings.Join(res.Problems, ""), "does not carry the tag") {
		t.Errorf("undo: %q, %v, %v", res.Outcome, res.Problems, err)
	}
	if _, ok := w.aws.Function(open[0].Copy); !ok {
		t.Error("deleted a function that is not the operation's copy")
	}
}

// TestRollbackWithoutTags: a copy whose tags cannot be read is not deleted, and the
// reason is reported.
func TestRollbackWithoutTags(t *testing.T) {
	denied := false
	w := newWorld(t, today, awsfake.LambdaOptions{NoTags: func() bool { return denied }}, plain())
	w.kill(t, request, "test the copy")
	denied = true
	plan, err := w.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.Undo(t.Context(), plan)
	if err != nil || res.Outcome != Incomplete || !strings.Contains(strings.Join(res.Problems, ""), "check the permission lambda:ListTags") {
		t.Errorf("undo: %q, %v, %v", res.Outcome, res.Problems, err)
	}
	if _, ok := w.aws.Function(w.unfinished(t).Copy); !ok {
		t.Error("deleted a function that may not be the operation's copy")
	}
}

// TestRollbackWaitsForALivingProcess: the process of the upgrade may still be running.
func TestRollbackWaitsForALivingProcess(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	w.kill(t, request, "test the copy")
	open, err := w.o.Journal.Unfinished()
	if err != nil || len(open) != 1 {
		t.Fatal(open, err)
	}
	op := open[0]
	op.PID = os.Getppid() // another process that is running
	if err := w.o.Journal.Save(op); err != nil {
		t.Fatal(err)
	}
	if _, err := w.PlanRollback(t.Context(), "orders"); err == nil || !strings.Contains(err.Error(), "may still be running") {
		t.Errorf("error %v, want one about the running process", err)
	}
	w.now = op.Lease.Add(1)
	if _, err := w.PlanRollback(t.Context(), "orders"); err != nil {
		t.Errorf("after the lease: %v", err)
	}
}

func TestRollbackOfNothing(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	if _, err := w.PlanRollback(t.Context(), "orders"); err == nil || !strings.Contains(err.Error(), "function:orders is recorded") {
		t.Errorf("error %v", err)
	}
}

func TestOneAtATime(t *testing.T) {
	var w *world
	var second, undo error
	w = newWorld(t, today, awsfake.LambdaOptions{Respond: func(i awsfake.LambdaInvocation) awsfake.LambdaResponse {
		if p, err := w.Plan(t.Context(), Request{Function: "orders", Target: "nodejs22.x"}); err == nil {
			_, second = w.Run(t.Context(), p)
		} else {
			second = err
		}
		if b, err := w.PlanRollback(t.Context(), "orders"); err == nil {
			_, undo = w.Undo(t.Context(), b)
		} else {
			undo = err
		}
		return awsfake.LambdaResponse{Payload: i.Payload}
	}}, plain())
	if res := w.mustUpgrade(t, request); res.Outcome != Upgraded {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
	if second == nil {
		t.Error("a second upgrade of the same function was not refused")
	}
	if undo == nil {
		t.Error("a rollback of an upgrade in progress was not refused")
	}
}

// TestKilledWhileWaiting: the process is killed while AWS is making the update.
func TestKilledWhileWaiting(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	p, err := w.Plan(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	sleep := w.o.Sleep
	w.o.Sleep = func(ctx context.Context, d time.Duration) error {
		if w.aws.Runtime("orders", "$LATEST") == "nodejs24.x" {
			panic("killed")
		}
		return sleep(ctx, d)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = w.Run(t.Context(), p)
		t.Error("the upgrade did not wait for the update")
	}()
	w.o.Sleep = sleep
	plan, err := w.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	if res, err := w.Undo(t.Context(), plan); err != nil || res.Outcome != RolledBack {
		t.Errorf("undo: %q, %v, %v", res.Outcome, res.Problems, err)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs18.x" {
		t.Errorf("$LATEST has %s", got)
	}
	w.noCopyLeft(t)
	w.nothingOpen(t)
}
