package upgrade

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
)

var request = Request{
	Function: "orders", Target: "nodejs24.x",
	Test: Test{Payload: []byte(`{"ping":1}`), Expect: []byte(`{"ping":1}`)},
}

// failsOn makes matching functions respond with an error.
func failsOn(match func(awsfake.LambdaConfig) bool) func(awsfake.LambdaInvocation) awsfake.LambdaResponse {
	return func(i awsfake.LambdaInvocation) awsfake.LambdaResponse {
		if match(i.Function) {
			return awsfake.LambdaResponse{Payload: []byte(`{"errorType":"Runtime.ImportModuleError","errorMessage":"secret detail"}`), Error: "Unhandled"}
		}
		return awsfake.LambdaResponse{Payload: i.Payload}
	}
}

func isCopy(c awsfake.LambdaConfig) bool { return strings.Contains(c.FunctionName, "-lambdaops-copy-") }

func onNew(c awsfake.LambdaConfig) bool { return !isCopy(c) && c.Runtime == "nodejs24.x" }

// denied makes an operation fail with AWS's message from its n-th call on.
func denied(operation string, n int) func(string) *awsfake.Fault {
	return func(op string) *awsfake.Fault {
		if op != operation {
			return nil
		}
		if n--; n > 0 {
			return nil
		}
		return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "AccessDeniedException", Message: "User: arn:aws:iam::123456789012:user/ops is not authorized to perform: lambda:" + op}}
	}
}

func TestUpgrade(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	res := w.mustUpgrade(t, request)
	if res.Outcome != Upgraded || res.Reason != "" || len(res.Problems) != 0 {
		t.Fatalf("outcome %q, reason %q, problems %v", res.Outcome, res.Reason, res.Problems)
	}
	if diff := cmp.Diff(map[string]string{"live": "3", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	for version, want := range map[string]string{"$LATEST": "nodejs24.x", "3": "nodejs24.x", "2": "nodejs18.x", "1": "nodejs18.x"} {
		if got := w.aws.Runtime("orders", version); got != want {
			t.Errorf("version %s has %s, want %s", version, got, want)
		}
	}
	w.noCopyLeft(t)
	w.nothingOpen(t)
	want := []string{
		"publish a version with nodejs18.x",
		"copy the function as COPY with nodejs24.x", "test the copy", "delete the copy COPY",
		"point alias dev from $LATEST to 2",
		"update $LATEST to nodejs24.x", "test $LATEST",
		"publish a version with nodejs24.x",
		"point alias dev from 2 to $LATEST", "point alias live from 2 to 3",
	}
	copied := copyName("orders", res.Operation)
	for i := range w.steps {
		w.steps[i] = strings.ReplaceAll(w.steps[i], copied, "COPY")
	}
	if diff := cmp.Diff(want, w.steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// TestUndone has every way in which an upgrade can fail, and the resulting state.
func TestUndone(t *testing.T) {
	before := map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}
	held := map[string]string{"live": "2", "dev": "2", "old": "1"}
	never := func(runtime string) func(awsfake.LambdaConfig, int) (string, string) {
		return func(c awsfake.LambdaConfig, _ int) (string, string) {
			if c.FunctionName == "orders" && c.Runtime == runtime {
				return "", ""
			}
			return "Successful", ""
		}
	}
	for name, tc := range map[string]struct {
		options  awsfake.LambdaOptions
		late     bool // after the old runtime's block-update date
		outcome  string
		reason   string
		aliases  map[string]string
		latest   string
		open     bool
		leftover bool
	}{
		"the copy fails its test": {
			options: awsfake.LambdaOptions{Respond: failsOn(isCopy)},
			outcome: Untouched, reason: "test the copy: the function failed (Unhandled, Runtime.ImportModuleError)", aliases: before, latest: "nodejs18.x",
		},
		"the copy cannot be made": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("CreateFunction", 1)}},
			outcome: Untouched, reason: "CreateFunction: AccessDeniedException", aliases: before, latest: "nodejs18.x",
		},
		"the copy cannot start": {
			options: awsfake.LambdaOptions{Settle: func(c awsfake.LambdaConfig, _ int) (string, string) {
				if isCopy(c) {
					return "Failed", "the layer is gone"
				}
				return "Successful", ""
			}},
			outcome: Untouched, reason: "the layer is gone", aliases: before, latest: "nodejs18.x",
		},
		"the copy cannot be deleted": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("DeleteFunction", 1)}},
			outcome: Incomplete, reason: "DeleteFunction: AccessDeniedException", aliases: before, latest: "nodejs18.x", open: true, leftover: true,
		},
		"no version can be published": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("PublishVersion", 1)}},
			outcome: Untouched, reason: "PublishVersion: AccessDeniedException", aliases: before, latest: "nodejs18.x",
		},
		"the alias cannot be held": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("UpdateAlias", 1)}},
			outcome: RolledBack, reason: "UpdateAlias: AccessDeniedException", aliases: before, latest: "nodejs18.x",
		},
		"the update is refused": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("UpdateFunctionConfiguration", 1)}},
			outcome: RolledBack, reason: "UpdateFunctionConfiguration: AccessDeniedException", aliases: before, latest: "nodejs18.x",
		},
		"the update fails": {
			options: awsfake.LambdaOptions{Settle: func(c awsfake.LambdaConfig, _ int) (string, string) {
				if onNew(c) {
					return "Failed", "internal error"
				}
				return "Successful", ""
			}},
			outcome: RolledBack, reason: "internal error", aliases: before, latest: "nodejs18.x",
		},
		"the update takes too long": {
			options: awsfake.LambdaOptions{Settle: never("nodejs24.x")},
			outcome: Incomplete, reason: "not finished after 5m0s", aliases: held, latest: "nodejs24.x", open: true,
		},
		"the test after the update fails": {
			options: awsfake.LambdaOptions{Respond: failsOn(onNew)},
			outcome: RolledBack, reason: "test $LATEST: the function failed", aliases: before, latest: "nodejs18.x",
		},
		"the test fails and the old runtime is blocked": {
			options: awsfake.LambdaOptions{Respond: failsOn(onNew)}, late: true,
			outcome: ByAlias, reason: "test $LATEST: the function failed", aliases: held, latest: "nodejs24.x",
		},
		"the second version cannot be published": {
			options: awsfake.LambdaOptions{Options: awsfake.Options{Fail: denied("PublishVersion", 2)}},
			outcome: RolledBack, reason: "PublishVersion: AccessDeniedException", aliases: before, latest: "nodejs18.x",
		},
	} {
		t.Run(name, func(t *testing.T) {
			now := today
			if tc.late {
				now = blocked
			}
			w := newWorld(t, now, tc.options, orders())
			r := request
			r.AcceptNoRollback = tc.late
			res := w.mustUpgrade(t, r)
			if res.Outcome != tc.outcome || !strings.Contains(res.Reason, tc.reason) {
				t.Errorf("outcome %q because %q, want %q because %q; problems %v", res.Outcome, res.Reason, tc.outcome, tc.reason, res.Problems)
			}
			if strings.Contains(res.Reason, "secret detail") {
				t.Errorf("the reason contains the function's message: %q", res.Reason)
			}
			if diff := cmp.Diff(tc.aliases, w.aws.Aliases("orders")); diff != "" {
				t.Errorf("aliases (-want +got):\n%s", diff)
			}
			if got := w.aws.Runtime("orders", "$LATEST"); got != tc.latest {
				t.Errorf("$LATEST has %s, want %s", got, tc.latest)
			}
			if !tc.leftover {
				w.noCopyLeft(t)
			}
			if !tc.open {
				w.nothingOpen(t)
			} else if open, err := w.o.Journal.Unfinished(); err != nil || len(open) != 1 || len(res.Problems) == 0 {
				t.Errorf("open: %v, %v; problems %v; want one and a problem", open, err, res.Problems)
			}
		})
	}
}

// TestShiftIsUndone: if an alias cannot be shifted, all are pointed back.
func TestShiftIsUndone(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func() func(string) *awsfake.Fault {
		n := 0
		return func(op string) *awsfake.Fault {
			if op == "UpdateAlias" {
				if n++; n == 3 { // dev is held, dev is back, live is shifted
					return &awsfake.Fault{Error: &awsfake.Error{Status: 412, Code: "PreconditionFailedException", Message: "The RevisionId provided does not match"}}
				}
			}
			return nil
		}
	}()}}, orders())
	res := w.mustUpgrade(t, request)
	if res.Outcome != RolledBack || !strings.Contains(res.Reason, "point alias live from 2 to 3") {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
	if diff := cmp.Diff(map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
	if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs18.x" {
		t.Errorf("$LATEST has %s", got)
	}
}
