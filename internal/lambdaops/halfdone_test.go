package lambdaops

import (
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/awsfake"
	"serverless-mcp/internal/lambdaops/journal"
)

func TestUnfinishedIsTold(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("orders", "nodejs18.x"))
	c, _ := w.aws.Function("orders")
	op, err := w.ops.o.Journal.Begin(journal.Operation{ID: "op-1", ARN: c.FunctionArn, Function: "orders", From: "nodejs18.x", To: "nodejs24.x"})
	if err != nil {
		t.Fatal(err)
	}
	op.Steps = []journal.Step{{Name: "update $LATEST to nodejs24.x", State: journal.Started}}
	if err := w.ops.o.Journal.Save(op); err != nil {
		t.Fatal(err)
	}
	text, err := w.ops.Instructions()
	if err != nil || !strings.HasPrefix(text, "HALF DONE") || !strings.Contains(text, "update $LATEST to nodejs24.x (started)") || !strings.Contains(text, "rollback_runtime") {
		t.Errorf("instructions: %q, %v", text, err)
	}
	var list listOutput
	w.call(t, "list_functions", nil, &list)
	var one getOutput
	w.call(t, "get_function", map[string]any{"function": "orders"}, &one)
	if len(list.Unfinished) != 1 || len(one.Unfinished) != 1 || list.Unfinished[0].Operation != "op-1" {
		t.Errorf("list tells %+v, get tells %+v", list.Unfinished, one.Unfinished)
	}
}

// TestAdvice: only what this server can do is offered, and by the full name.
func TestAdvice(t *testing.T) {
	const here, there = "arn:aws:lambda:eu-central-1:123456789012:function:orders", "arn:aws:lambda:us-east-1:123456789012:function:orders"
	for name, tc := range map[string]struct {
		op       journal.Operation
		readOnly bool
		want     string
	}{
		"here":           {journal.Operation{ARN: here}, false, `call rollback_runtime with function "` + here + `"`},
		"another region": {journal.Operation{ARN: there}, false, "in another region: start a lambdaops with --region us-east-1"},
		"read-only":      {journal.Operation{ARN: here}, true, "start a lambdaops without --read-only"},
		"at work":        {journal.Operation{ARN: here, Host: "another machine", PID: 7, Lease: today.Add(time.Minute)}, false, "process 7 may still be at work"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, awsfake.LambdaOptions{})
			w.ops.o.ReadOnly = tc.readOnly
			if got := w.ops.advice(tc.op); !strings.Contains(got, tc.want) {
				t.Errorf("advice %q, want %q", got, tc.want)
			}
		})
	}
}
