package upgrade

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
)

// TestPlanSteps: a plan lists the steps that the upgrade takes. A new version is published
// only if an alias is shifted to it.
func TestPlanSteps(t *testing.T) {
	held := orders()
	held.Aliases = map[string]string{"dev": "$LATEST"}
	for name, tc := range map[string]struct {
		function awsfake.LambdaFunction
		now      time.Time
		want     []string
	}{
		"no alias": {plain(), today, []string{
			"publish $LATEST (nodejs18.x) as a version to roll back to",
			"copy the function with nodejs24.x, test the copy, delete it",
			"update $LATEST to nodejs24.x and wait for it",
			"test $LATEST",
			"if anything fails from the update on: point the aliases back, and put $LATEST back to nodejs18.x",
		}},
		"held alias": {held, today, []string{
			"publish $LATEST (nodejs18.x) as a version to roll back to",
			"copy the function with nodejs24.x, test the copy, delete it",
			"point alias dev from $LATEST to the published version",
			"update $LATEST to nodejs24.x and wait for it",
			"test $LATEST",
			"point alias dev to $LATEST again",
			"if anything fails from the update on: point the aliases back, and put $LATEST back to nodejs18.x",
		}},
		"shifted alias, no way back": {orders(), blocked, []string{
			"publish $LATEST (nodejs18.x) as a version to roll back to",
			"copy the function with nodejs24.x, test the copy, delete it",
			"point alias dev from $LATEST to the published version",
			"update $LATEST to nodejs24.x and wait for it",
			"test $LATEST",
			"publish $LATEST (nodejs24.x) as a new version",
			"shift alias live from version 2 to the new version",
			"point alias dev to $LATEST again",
			"if anything fails from the update on: point the aliases back, and leave $LATEST on nodejs24.x: AWS has rejected nodejs18.x for updates since 2027-03-03",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.now, awsfake.LambdaOptions{}, tc.function)
			p, err := w.Plan(t.Context(), Request{Function: "orders", AcceptNoRollback: true})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, p.Steps); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUnfinishedIsInThePlan: a plan, and not only its execution, is refused while an
// earlier operation is unfinished.
func TestUnfinishedIsInThePlan(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	w.kill(t, request, "test $LATEST")
	p, err := w.Plan(t.Context(), request)
	if err != nil || len(p.Refusals) == 0 || !strings.Contains(strings.Join(p.Refusals, "\n"), "is not finished: call rollback_runtime") {
		t.Errorf("refusals %v, %v; want one about the unfinished operation", p.Refusals, err)
	}
	w.undo(t)
	if p, err := w.Plan(t.Context(), request); err != nil || len(p.Refusals) > 0 {
		t.Errorf("after the rollback: refusals %v, %v; want none", p.Refusals, err)
	}
}

// TestDefaultSleep: without an injected Sleep, an upgrade waits in real time, and a
// canceled call ends the wait.
func TestDefaultSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := New(Options{})
		began := time.Now()
		if err := u.o.Sleep(t.Context(), 3*time.Second); err != nil || time.Since(began) != 3*time.Second {
			t.Errorf("slept %v, %v; want 3 s", time.Since(began), err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cause := errors.New("the client disconnected")
		time.AfterFunc(time.Second, func() { cancel(cause) })
		if err := u.o.Sleep(ctx, time.Hour); !errors.Is(err, cause) {
			t.Errorf("a canceled sleep returns %v, want %v", err, cause)
		}
		if u.o.UpdateTimeout != 5*time.Minute || u.o.HTTP.Timeout != 2*time.Minute || u.o.Now().IsZero() {
			t.Errorf("defaults: %+v", u.o)
		}
		u.o.OnStep(t.Context(), 1, "nothing") // must not panic
	})
}

// TestNoLockNoUpgrade: a directory of journals that cannot be written to prevents
// upgrades and rollbacks, because the function could not be locked.
func TestNoLockNoUpgrade(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	p, err := w.Plan(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.o.Journal.Path, nil, 0o600); err != nil { // root could write to a directory of any mode
		t.Fatal(err)
	}
	w.calls = nil
	if _, err := w.lock(p.ARN); err == nil {
		t.Error("locked without a lock file")
	}
	if _, err := w.Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), "lock journal") {
		t.Errorf("Run: %v, want an error of the lock", err)
	}
	if _, err := w.Undo(t.Context(), &Rollback{Operation: p.operation("x")}); err == nil || !strings.Contains(err.Error(), "lock journal") {
		t.Errorf("Undo: %v, want an error of the lock", err)
	}
	if len(w.calls) > 0 {
		t.Errorf("calls without a lock: %v", w.calls)
	}
}
