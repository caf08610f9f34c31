package upgrade

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/lambdaops/journal"
)

// TestRollbackOfADeletedFunction closes the journal, which would otherwise be reported
// forever, and deletes the copy.
func TestRollbackOfADeletedFunction(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	w.kill(t, request, "test the copy")
	if _, err := w.o.Lambda.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String("orders")}); err != nil {
		t.Fatal(err)
	}
	plan, err := w.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	if res, err := w.Undo(t.Context(), plan); err != nil || res.Outcome != FunctionDeleted {
		t.Errorf("undo: %q, %v, %v", res.Outcome, res.Problems, err)
	}
	w.noCopyLeft(t)
	w.nothingOpen(t)
	w.aws.Add(plain()) // a new function of that name, which was never upgraded
	if _, err := w.PlanRollback(t.Context(), "orders"); err == nil || !strings.Contains(err.Error(), "nothing to undo") {
		t.Errorf("a rollback of the new function: %v", err)
	}
}

// TestFunctionElsewhere: the directory has journals of all regions and accounts, so a
// function that this process does not find was not necessarily deleted.
func TestFunctionElsewhere(t *testing.T) {
	for name, tc := range map[string]struct{ arn, want string }{
		"another region":  {"arn:aws:lambda:us-east-1:123456789012:function:orders", "--region us-east-1"},
		"another account": {"arn:aws:lambda:eu-central-1:999999999999:function:orders", "cannot be read with these credentials: GetFunctionConfiguration: AccessDeniedException"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, today, awsfake.LambdaOptions{})
			if _, err := w.o.Journal.Begin(journal.Operation{ID: w.o.Journal.NewID(), ARN: tc.arn, Function: "orders", Copy: "orders-lambdaops-copy-1"}); err != nil {
				t.Fatal(err)
			}
			for _, function := range []string{"orders", tc.arn} {
				plan, err := w.PlanRollback(t.Context(), function)
				if plan != nil || err == nil || !strings.Contains(err.Error(), tc.want) && function == "orders" {
					t.Errorf("rollback of %s: %+v, %v; want an error about %q", function, plan, err, tc.want)
				}
			}
			if open, err := w.o.Journal.Unfinished(); err != nil || len(open) != 1 {
				t.Errorf("unfinished: %v, %v; want one", open, err)
			}
		})
	}
}

// TestGoneAmongOthers: of several functions with the same name, the plan is to close the
// journal of the deleted one.
func TestGoneAmongOthers(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{})
	const gone = "arn:aws:lambda:eu-central-1:123456789012:function:orders"
	for _, arn := range []string{"arn:aws:lambda:us-east-1:123456789012:function:orders", gone} {
		if _, err := w.o.Journal.Begin(journal.Operation{ID: w.o.Journal.NewID(), ARN: arn, Function: "orders"}); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := w.PlanRollback(t.Context(), "orders")
	if err != nil || plan.Operation.ARN != gone {
		t.Errorf("plan: %+v, %v; want the plan of %s", plan, err, gone)
	}
}

// TestGoneButRunning: the process of the upgrade may still be running although its
// function was deleted.
func TestGoneButRunning(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	w.kill(t, request, "test the copy")
	op := w.unfinished(t)
	op.Host, op.Lease = "another machine", w.now.Add(time.Minute)
	if err := w.o.Journal.Save(op); err != nil {
		t.Fatal(err)
	}
	if _, err := w.o.Lambda.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String("orders")}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.PlanRollback(t.Context(), "orders"); err == nil || !strings.Contains(err.Error(), "may still be running") {
		t.Errorf("error %v, want one about the running process", err)
	}
}
