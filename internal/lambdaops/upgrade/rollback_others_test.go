package upgrade

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
)

// TestRollbackLeavesOthersWork: later changes by others stay.
func TestRollbackLeavesOthersWork(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	w.mustUpgrade(t, request)
	w.aws.Point("orders", "live", "1")
	w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.CodeSha256 = "deployed since" })
	plan, err := w.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"point alias live back to 2, unless it was moved in the meantime",
		"leave $LATEST on nodejs24.x and the aliases that follow it unchanged: other code was deployed in the meantime",
	}
	if diff := cmp.Diff(want, plan.Steps); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	res, err := w.Undo(t.Context(), plan)
	if err != nil || res.Outcome != LatestRemains {
		t.Errorf("undo: %q, %v", res.Outcome, err)
	}
	problems := strings.Join(res.Problems, "\n")
	for _, want := range []string{"alias live was pointed to 1 in the meantime", "other code was deployed in the meantime", "alias dev follows $LATEST; left unchanged"} {
		if !strings.Contains(problems, want) {
			t.Errorf("no problem %q in %s", want, problems)
		}
	}
	if diff := cmp.Diff(map[string]string{"live": "1", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases that others set or that follow what others deployed (-want +got):\n%s", diff)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs24.x" {
		t.Errorf("$LATEST has %s: code that was not tested on the old runtime", got)
	}
}

func TestRollbackLeavesAnotherRuntime(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	w.mustUpgrade(t, request)
	w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.Runtime = "nodejs22.x" })
	plan, err := w.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.Undo(t.Context(), plan)
	if err != nil || res.Outcome != ByAlias || !strings.Contains(strings.Join(res.Problems, ""), "its runtime was set to nodejs22.x in the meantime") {
		t.Errorf("undo: %q, %v, %v", res.Outcome, res.Problems, err)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs22.x" {
		t.Errorf("$LATEST has %s, want it left on nodejs22.x", got)
	}
}

// TestRollbackOfAHeldAlias: the process was killed while an alias that follows $LATEST was
// held on the old version, and then other code was deployed. The rollback leaves the alias
// where it is and reports that, because the new code was never tested.
func TestRollbackOfAHeldAlias(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	w.kill(t, request, "test $LATEST")
	w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.CodeSha256 = "deployed since" })
	res := w.undo(t)
	if res.Outcome != LatestRemains || !slices.Contains(res.Problems, "alias dev no longer follows $LATEST: it stays on version 2 until it is pointed back") {
		t.Errorf("undo: %q, %v", res.Outcome, res.Problems)
	}
	w.nothingOpen(t)
}

// TestRollbackReportsHeldAliases: if AWS no longer accepts the old runtime, aliases stay held
// and the result reports them.
func TestRollbackReportsHeldAliases(t *testing.T) {
	w := newWorld(t, blocked, awsfake.LambdaOptions{Respond: failsOn(onNew)}, orders())
	r := request
	r.AcceptNoRollback = true
	res := w.mustUpgrade(t, r)
	if res.Outcome != ByAlias || !slices.Contains(res.Problems, "alias dev no longer follows $LATEST: it stays on version 2 until it is pointed back") {
		t.Errorf("outcome %q, %v", res.Outcome, res.Problems)
	}
}

// TestRollbackAfterADeployment: a deployment set the old runtime again, as a template does,
// so only the aliases are pointed back.
func TestRollbackAfterADeployment(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	w.mustUpgrade(t, request)
	w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.Runtime, c.CodeSha256 = "nodejs18.x", "deployed since" })
	updates := w.count("UpdateAlias")
	if res := w.undo(t); res.Outcome != RolledBack || len(res.Problems) != 0 {
		t.Errorf("undo: %q, %v", res.Outcome, res.Problems)
	}
	if diff := cmp.Diff(map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	if n := w.count("UpdateAlias") - updates; n != 1 {
		t.Errorf("%d aliases were pointed elsewhere, want live only", n)
	}
}

// TestDeployedDuringTheRollback: code that is deployed just before $LATEST is put back does
// not get the old runtime either.
func TestDeployedDuringTheRollback(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	w.mustUpgrade(t, request)
	onStep := w.o.OnStep
	w.o.OnStep = func(ctx context.Context, n int, step string) {
		onStep(ctx, n, step)
		if step == "put $LATEST back to nodejs18.x" {
			w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.CodeSha256 = "deployed since" })
		}
	}
	if res := w.undo(t); res.Outcome != ByAlias || !strings.Contains(strings.Join(res.Problems, ""), "other code was deployed in the meantime") {
		t.Errorf("undo: %q, %v", res.Outcome, res.Problems)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs24.x" {
		t.Errorf("$LATEST has %s: code that was not tested on the old runtime", got)
	}
}

// TestRollbackCannotReadLatest: if $LATEST cannot be read, the aliases that follow it are
// left unchanged and the journal stays open.
func TestRollbackCannotReadLatest(t *testing.T) {
	deny := false
	w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if deny {
			return denied("GetFunctionConfiguration", 1)(op)
		}
		return nil
	}}}, orders())
	w.kill(t, request, "test $LATEST")
	plan, err := w.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	deny = true
	res, err := w.Undo(t.Context(), plan)
	if err != nil || res.Outcome != Incomplete || !strings.Contains(strings.Join(res.Problems, ""), "$LATEST could not be read") {
		t.Errorf("undo: %q, %v, %v", res.Outcome, res.Problems, err)
	}
	if got := w.aws.Aliases("orders")["dev"]; got != "2" {
		t.Errorf("dev points to %s, want it left on the old version", got)
	}
}

// TestCanaryDuringTheUpgrade: an upgrade does not override an alias that gets weighted
// routing in the meantime.
func TestCanaryDuringTheUpgrade(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	onStep := w.o.OnStep
	w.o.OnStep = func(ctx context.Context, n int, step string) {
		onStep(ctx, n, step)
		if step == "test $LATEST" {
			w.aws.Split("orders", "live", map[string]float64{"1": 0.1})
		}
	}
	res := w.mustUpgrade(t, request)
	if res.Outcome != RolledBack || !strings.Contains(res.Reason, "the function was changed in the meantime: the alias has weighted routing") {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
	if got := w.aws.Aliases("orders")["live"]; got != "2" {
		t.Errorf("live points to %s", got)
	}
}

// TestCanaryAfterTheUpgrade: a rollback does not override weighted routing either.
func TestCanaryAfterTheUpgrade(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	w.mustUpgrade(t, request)
	w.aws.Split("orders", "live", map[string]float64{"1": 0.1})
	if res := w.undo(t); !slices.Contains(res.Problems, "alias live now has weighted routing; left unchanged") {
		t.Errorf("undo: %q, %v", res.Outcome, res.Problems)
	}
	if got := w.aws.Aliases("orders")["live"]; got != "3" {
		t.Errorf("live points to %s, want it left on 3", got)
	}
}

// TestAliasMovedAtTheLastMoment: an alias is moved between GetAlias and UpdateAlias, which
// AWS then rejects because the revision has changed.
func TestAliasMovedAtTheLastMoment(t *testing.T) {
	var w *world
	w = newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if op == "UpdateAlias" && w.count(op) == 3 { // live is shifted
			w.aws.Point("orders", "live", "1")
		}
		return nil
	}}}, orders())
	res := w.mustUpgrade(t, request)
	if res.Outcome != RolledBack || !strings.Contains(res.Reason, "UpdateAlias: PreconditionFailedException") {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
	if got := w.aws.Aliases("orders")["live"]; got != "1" {
		t.Errorf("live points to %s, want 1 as it was set", got)
	}
}
