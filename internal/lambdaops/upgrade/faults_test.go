package upgrade

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/lambdaops/journal"
)

// before holds the aliases of orders before an upgrade.
var before = map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}

// once makes the n-th call of an operation fail, and sets hit if there is such a call.
func once(operation string, n int, hit *bool) func(string) *awsfake.Fault {
	return func(op string) *awsfake.Fault {
		if op != operation {
			return nil
		}
		if n--; n != 0 {
			return nil
		}
		*hit = true
		return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "AccessDeniedException", Message: "injected"}}
	}
}

// TestPlanNeedsEachRead: a plan from incomplete information is an error.
func TestPlanNeedsEachRead(t *testing.T) {
	for _, op := range []string{"GetFunction", "GetRuntimeManagementConfig", "ListAliases", "GetFunctionConfiguration"} {
		for n := 1; ; n++ {
			hit := false
			w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: once(op, n, &hit)}}, orders())
			p, err := w.Plan(t.Context(), request)
			if !hit {
				if n == 1 {
					t.Errorf("a plan does not call %s", op)
				}
				break
			}
			if err == nil || !strings.Contains(err.Error(), "injected") {
				t.Errorf("call %d of %s fails: plan %+v, error %v; want the error", n, op, p, err)
			}
		}
	}
}

// TestPlanNeedsTheJournal: without it, an unfinished operation could be overlooked.
func TestPlanNeedsTheJournal(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	if err := os.WriteFile(w.o.Journal.Path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := w.Plan(t.Context(), request); err == nil {
		t.Errorf("planned %+v without a journal", p)
	}
	if b, err := w.PlanRollback(t.Context(), "orders"); err == nil {
		t.Errorf("planned the rollback %+v without a journal", b)
	}
}

// TestBrokenJournalRefuses: the refusal names the broken file.
func TestBrokenJournalRefuses(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	w.mustUpgrade(t, request)
	files, _ := filepath.Glob(filepath.Join(w.o.Journal.Path, "*.json"))
	if len(files) != 1 {
		t.Fatalf("journals %v, want one", files)
	}
	if err := os.WriteFile(files[0], []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.Runtime = "nodejs18.x" })
	p, err := w.Plan(t.Context(), request)
	if err != nil || len(p.Refusals) != 1 || !strings.Contains(p.Refusals[0], files[0]) {
		t.Errorf("plan: %v, %v; want a refusal that names %s", p, err, files[0])
	}
	if _, err := w.PlanRollback(t.Context(), "orders"); err == nil || !strings.Contains(err.Error(), files[0]) {
		t.Errorf("rollback: %v, want an error that names %s", err, files[0])
	}
}

// TestEachCallCanFail: if any single call of an upgrade fails, the upgrade fails, names the
// call, and restores the previous state.
func TestEachCallCanFail(t *testing.T) {
	for _, op := range []string{
		"PublishVersion", "GetFunction", "GetFunctionConfiguration", "CreateFunction", "Invoke", "DeleteFunction",
		"GetAlias", "UpdateAlias", "UpdateFunctionConfiguration",
	} {
		for n := 1; ; n++ {
			hit, armed := false, false
			fail := once(op, n, &hit)
			w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(called string) *awsfake.Fault {
				if !armed {
					return nil
				}
				return fail(called)
			}}}, orders())
			p, err := w.Plan(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			armed = true
			res, err := w.Run(t.Context(), p)
			if !hit {
				if n == 1 {
					t.Errorf("an upgrade does not call %s", op)
				}
				break
			}
			what := fmt.Sprintf("call %d of %s", n, op)
			if err != nil || res.Outcome != Untouched && res.Outcome != RolledBack || len(res.Problems) > 0 {
				t.Errorf("%s: outcome %q, problems %v, %v; want it undone", what, res.Outcome, res.Problems, err)
			}
			if !strings.Contains(res.Reason, op+": AccessDeniedException: injected") {
				t.Errorf("%s: reason %q does not name the call", what, res.Reason)
			}
			w.checkRestored(t, what)
		}
	}
}

// checkRestored checks that orders is as it was, with no copy and no unfinished operation.
func (w *world) checkRestored(t *testing.T, what string) {
	t.Helper()
	if diff := cmp.Diff(before, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("%s: aliases (-want +got):\n%s", what, diff)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs18.x" {
		t.Errorf("%s: $LATEST has %s", what, got)
	}
	w.noCopyLeft(t)
	w.nothingOpen(t)
}

// TestEachCallOfARollbackCanFail: a rollback with a failed call reports a problem and
// can be repeated, which restores the state.
func TestEachCallOfARollbackCanFail(t *testing.T) {
	for at, ops := range map[string][]string{
		"test the copy":           {"GetFunction", "DeleteFunction"},
		"point alias live from 2": {"GetFunctionConfiguration", "GetAlias", "UpdateAlias", "UpdateFunctionConfiguration"},
	} {
		for _, op := range ops {
			for n := 1; ; n++ {
				hit, armed := false, false
				fail := once(op, n, &hit)
				w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(called string) *awsfake.Fault {
					if !armed {
						return nil
					}
					return fail(called)
				}}}, orders())
				w.kill(t, request, at)
				plan, err := w.PlanRollback(t.Context(), "orders")
				if err != nil {
					t.Fatal(err)
				}
				armed = true
				res, err := w.Undo(t.Context(), plan)
				if !hit {
					if n == 1 {
						t.Errorf("a rollback does not call %s", op)
					}
					break
				}
				what := fmt.Sprintf("killed at %q, call %d of %s", at, n, op)
				if err != nil || res.Outcome != Incomplete || len(res.Problems) == 0 || !strings.Contains(strings.Join(res.Problems, "\n"), "injected") {
					t.Errorf("%s: outcome %q, problems %v, %v; want the problem", what, res.Outcome, res.Problems, err)
				}
				w.unfinished(t)
				if res := w.undo(t); res.Outcome != RolledBack && res.Outcome != Untouched {
					t.Errorf("%s: the second rollback: %q, %v", what, res.Outcome, res.Problems)
				}
				w.checkRestored(t, what)
			}
		}
	}
}

// TestRollbackPlanNeedsItsRead: without reading the function, a rollback cannot be planned.
func TestRollbackPlanNeedsItsRead(t *testing.T) {
	hit := false
	w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: once("GetFunctionConfiguration", 1, &hit)}}, plain())
	if b, err := w.PlanRollback(t.Context(), "orders"); err == nil || !strings.Contains(err.Error(), "injected") {
		t.Errorf("plan %+v, error %v; want the error", b, err)
	}
	if _, err := w.PlanRollback(t.Context(), "a:b"); err == nil || !strings.Contains(err.Error(), "neither a function's name") {
		t.Errorf("an invalid name: %v", err)
	}
}

// TestRollbackPlanSteps: the steps of a rollback, for each state of $LATEST.
func TestRollbackPlanSteps(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	w.kill(t, request, "point alias live from 2")
	steps := func() []string {
		t.Helper()
		plan, err := w.PlanRollback(t.Context(), "orders")
		if err != nil {
			t.Fatal(err)
		}
		return plan.Steps
	}
	pointDev, pointLive := "point alias dev back to $LATEST, unless it was moved in the meantime", "point alias live back to 2, unless it was moved in the meantime"
	for _, tc := range []struct {
		name   string
		change func(*awsfake.LambdaConfig)
		want   []string
	}{
		{"ours", func(*awsfake.LambdaConfig) {}, []string{
			pointDev, pointLive,
			"put $LATEST back from nodejs24.x to nodejs18.x, if AWS still accepts that; otherwise point aliases that follow $LATEST to version 2",
		}},
		{"others", func(c *awsfake.LambdaConfig) { c.Runtime = "nodejs22.x" }, []string{
			pointLive,
			"leave $LATEST on nodejs22.x and the aliases that follow it unchanged: its runtime was set to nodejs22.x in the meantime",
		}},
		{"original", func(c *awsfake.LambdaConfig) { c.Runtime = "nodejs18.x" }, []string{pointDev, pointLive}},
	} {
		w.aws.Change("orders", tc.change)
		if diff := cmp.Diff(tc.want, steps()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

// transport implements http.RoundTripper with a function.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// brokenBody ends with an error.
type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) {
	return 0, errors.New("connection reset by https://secret.example")
}
func (brokenBody) Close() error { return nil }

// TestDownloadFails: the upgrade ends before a copy is created, and the reason does not
// contain the presigned URL.
func TestDownloadFails(t *testing.T) {
	for name, tc := range map[string]struct {
		transport transport
		want      string
	}{
		"no connection": {func(r *http.Request) (*http.Response, error) { return nil, errors.New("dial " + r.URL.String()) }, "no connection to the storage"},
		"expired": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 403, Status: "403 Forbidden", Body: io.NopCloser(strings.NewReader("<Error>"))}, nil
		}, "status 403 Forbidden"},
		"interrupted": {func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Status: "200 OK", Body: brokenBody{}}, nil
		}, "the connection broke"},
	} {
		w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
		w.o.HTTP = &http.Client{Transport: tc.transport}
		res := w.mustUpgrade(t, request)
		if res.Outcome != Untouched || !strings.Contains(res.Reason, tc.want) || w.count("CreateFunction") > 0 {
			t.Errorf("%s: outcome %q because %q, want %q", name, res.Outcome, res.Reason, tc.want)
		}
		if strings.Contains(res.Reason, "http://") || strings.Contains(res.Reason, "secret.example") {
			t.Errorf("%s: the reason contains the URL: %s", name, res.Reason)
		}
	}
}

// TestLayerWarnings: the number of layers is in the plan.
func TestLayerWarnings(t *testing.T) {
	for n, want := range []string{"", "the function keeps its layer: check that it supports nodejs24.x", "the function keeps its 2 layers: check that they support nodejs24.x"} {
		f := plain()
		for i := range n {
			f.Config.Layers = append(f.Config.Layers, awsfake.LambdaLayer{Arn: fmt.Sprintf("arn:aws:lambda:eu-central-1:1:layer:tools:%d", i)})
		}
		p, err := newWorld(t, today, awsfake.LambdaOptions{}, f).Plan(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, w := range p.Warnings {
			if strings.Contains(w, "layer") {
				got = w
			}
		}
		if got != want {
			t.Errorf("%d layers: warning %q, want %q", n, got, want)
		}
	}
}

// TestUsersWarnings: a plan does not warn of users of an alias that it moves, but warns that
// users may be unknown.
func TestUsersWarnings(t *testing.T) {
	f := orders()
	f.Provisioned, f.Sources = map[string]int{"live": 1}, []string{"dev", "live", "old"}
	w := newWorld(t, today, awsfake.LambdaOptions{}, f)
	p, err := w.Plan(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(p.Warnings, "\n")
	if !strings.Contains(all, "version 1 keeps its runtime nodejs18.x, and is in use by alias old, event source mapping orders-mapping-3 of alias old") {
		t.Errorf("the users of old are missing in:\n%s", all)
	}
	for _, moved := range []string{"alias live", "alias dev", "version 2", "provisioned", "mapping-1", "mapping-2"} {
		if strings.Contains(all, moved) {
			t.Errorf("warned of %s, which the plan moves:\n%s", moved, all)
		}
	}
	w = newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("ListEventSourceMappings", 1)}}, f)
	if p, err = w.Plan(t.Context(), request); err != nil || !strings.Contains(strings.Join(p.Warnings, "\n"), "other users of the function's versions are unknown: ListEventSourceMappings: AccessDeniedException") {
		t.Errorf("without the permission: %v, %v", p.Warnings, err)
	}
}

// TestEmptyPayload: the default event is an empty object.
func TestEmptyPayload(t *testing.T) {
	var got []string
	w := newWorld(t, today, awsfake.LambdaOptions{Respond: func(i awsfake.LambdaInvocation) awsfake.LambdaResponse {
		got = append(got, string(i.Payload))
		return awsfake.LambdaResponse{Payload: i.Payload}
	}}, plain())
	if res := w.mustUpgrade(t, Request{Function: "orders"}); res.Outcome != Upgraded {
		t.Fatalf("outcome %q because %q", res.Outcome, res.Reason)
	}
	if diff := cmp.Diff([]string{"{}", "{}"}, got); diff != "" {
		t.Errorf("events of the copy's and the function's test (-want +got):\n%s", diff)
	}
}

// TestOwnerIsRecorded: the journal of an operation in progress names this process and has a
// lease beyond the step's duration.
func TestOwnerIsRecorded(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	w.kill(t, request, "test $LATEST")
	op := w.unfinished(t)
	if op.PID != os.Getpid() || op.Updated != true || op.Published != "1" || op.Copy != "" {
		t.Errorf("journal %+v", op)
	}
	if step := op.Steps[len(op.Steps)-1]; step.State != journal.Started || !op.Lease.After(step.At.Add(w.o.UpdateTimeout)) {
		t.Errorf("step %+v with the lease %v", step, op.Lease)
	}
}
