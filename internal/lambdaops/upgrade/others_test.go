package upgrade

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/lambdaops/retry"
)

// TestLostResponse: the update succeeds, its response is lost, and the repeated call
// fails because of the old revision. The upgrade continues.
func TestLostResponse(t *testing.T) {
	var w *world
	w = newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if op != "UpdateFunctionConfiguration" {
			return nil
		}
		w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.Runtime = "nodejs24.x" })
		return &awsfake.Fault{Error: &awsfake.Error{Status: 412, Code: "PreconditionFailedException", Message: "The RevisionId provided does not match"}}
	}}}, orders())
	if res := w.mustUpgrade(t, request); res.Outcome != Upgraded {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
}

// TestOtherDeployment: if the settings or the code of the function are changed between the
// plan and the update, the change is kept and the function is not upgraded.
func TestOtherDeployment(t *testing.T) {
	changes := map[string]func(*awsfake.LambdaConfig){
		"settings": func(c *awsfake.LambdaConfig) { c.MemorySize = 512 },
		"code":     func(c *awsfake.LambdaConfig) { c.CodeSha256 = "deployed since" },
	}
	for what, change := range changes {
		for name, at := range map[string]string{"after the plan": "PublishVersion", "during the test of the copy": "Invoke"} {
			t.Run(what+" "+name, func(t *testing.T) {
				var w *world
				var theirs awsfake.LambdaConfig
				done := false
				w = newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
					if op == at && !done {
						done = true
						w.aws.Change("orders", change)
						theirs, _ = w.aws.Function("orders")
					}
					return nil
				}}}, plain())
				res := w.mustUpgrade(t, request)
				if !strings.Contains(res.Reason, "PreconditionFailedException") {
					t.Errorf("outcome %q because %q, want a failed precondition", res.Outcome, res.Reason)
				}
				c, _ := w.aws.Function("orders")
				if diff := cmp.Diff(theirs, c); diff != "" || c.Runtime != "nodejs18.x" {
					t.Errorf("the other deployment was changed (-want +got):\n%s", diff)
				}
				w.noCopyLeft(t)
				w.nothingOpen(t)
			})
		}
	}
}

// TestDeployedDuringTheUpdate: code that is deployed while $LATEST is being updated is neither
// tested nor published in place of the planned code, and it is left unchanged.
func TestDeployedDuringTheUpdate(t *testing.T) {
	var w *world
	updated := false
	w = newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if op == "UpdateFunctionConfiguration" {
			updated = true
		} else if updated && op == "GetFunctionConfiguration" {
			w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.CodeSha256 = "deployed since" })
		}
		return nil
	}}}, orders())
	res := w.mustUpgrade(t, request)
	if res.Outcome != LatestRemains || !strings.HasPrefix(res.Reason, "update $LATEST to nodejs24.x: the function was changed in the meantime") {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
	if c, _ := w.aws.Function("orders"); c.Runtime != "nodejs24.x" || c.CodeSha256 != "deployed since" {
		t.Errorf("the function has %s and the code %q; want the other deployment's", c.Runtime, c.CodeSha256)
	}
	if n := w.stepsLike("test $LATEST"); n != 0 {
		t.Errorf("the other deployment's code was tested %d times", n)
	}
	w.nothingOpen(t)
}

// TestCallerDisconnects: if the client disconnects, the upgrade is undone.
func TestCallerDisconnects(t *testing.T) {
	for name, at := range map[string]string{"while the copy is made": "copy the function", "while $LATEST is tested": "test $LATEST"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
			ctx, cancel := context.WithCancelCause(t.Context())
			onStep := w.o.OnStep
			w.o.OnStep = func(ctx context.Context, n int, step string) {
				onStep(ctx, n, step)
				if strings.HasPrefix(step, at) {
					cancel(errors.New("the client disconnected"))
				}
			}
			p, err := w.Plan(ctx, request)
			if err != nil {
				t.Fatal(err)
			}
			res, err := w.Run(ctx, p)
			if err != nil || res.Outcome == Upgraded || res.Outcome == Incomplete {
				t.Errorf("outcome %q, %v, problems %v", res.Outcome, err, res.Problems)
			}
			if got := w.aws.Runtime("orders", "$LATEST"); got != "nodejs18.x" {
				t.Errorf("$LATEST has %s", got)
			}
			if diff := cmp.Diff(map[string]string{"live": "2", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
				t.Errorf("aliases (-want +got):\n%s", diff)
			}
			if n := w.stepsLike("delete the copy"); n != 1 {
				t.Errorf("the copy was deleted in %d steps, want one", n)
			}
			w.noCopyLeft(t)
			w.nothingOpen(t)
		})
	}
}

// TestAliasMoved: an alias is moved during the upgrade. It stays there, and everything
// else is restored.
func TestAliasMoved(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, orders())
	onStep := w.o.OnStep
	w.o.OnStep = func(ctx context.Context, n int, step string) {
		onStep(ctx, n, step)
		if step == "test $LATEST" {
			w.aws.Point("orders", "live", "1")
		}
	}
	res := w.mustUpgrade(t, request)
	if res.Outcome != RolledBack || !strings.Contains(res.Reason, "the alias points to 1") {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
	if diff := cmp.Diff(map[string]string{"live": "1", "dev": "$LATEST", "old": "1"}, w.aws.Aliases("orders")); diff != "" {
		t.Errorf("aliases (-want +got):\n%s", diff)
	}
}

// TestChangedAfterPublishing: $LATEST is changed after the version was published.
func TestChangedAfterPublishing(t *testing.T) {
	var w *world
	published := false
	w = newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if op == "PublishVersion" {
			published = true
		} else if published && op == "GetFunctionConfiguration" && w.count("GetFunctionConfiguration") == 2 {
			w.aws.Change("orders", func(c *awsfake.LambdaConfig) { c.MemorySize = 512 })
		}
		return nil
	}}}, plain())
	res := w.mustUpgrade(t, request)
	if res.Outcome != Untouched || !strings.Contains(res.Reason, "the function was changed in the meantime: different memory") {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
}

// TestTestRunsOnce: the SDK does not repeat a test whose response was lost, because the
// function may have run.
func TestTestRunsOnce(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if op == "Invoke" {
			return &awsfake.Fault{Hangup: true}
		}
		return nil
	}}}, plain())
	o := w.o.Lambda.Options()
	o.Retryer = retry.WithCallback(awsretry.NewStandard(func(o *awsretry.StandardOptions) {
		o.Backoff = awsretry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	}))
	w.o.Lambda = lambda.New(o)
	if res := w.mustUpgrade(t, request); res.Outcome != Untouched || w.count("Invoke") != 1 {
		t.Errorf("outcome %q because %q after %d tests, want one", res.Outcome, res.Reason, w.count("Invoke"))
	}
}
