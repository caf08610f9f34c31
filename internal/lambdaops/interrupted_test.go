package lambdaops

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/lambdaops/journal"
)

func TestUnfinishedIsReported(t *testing.T) {
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
	text := w.ops.Instructions()
	if !strings.HasPrefix(text, "INTERRUPTED UPGRADE") || !strings.Contains(text, "update $LATEST to nodejs24.x (started)") || !strings.Contains(text, "rollback_runtime") {
		t.Errorf("instructions: %q", text)
	}
	var list listOutput
	w.call(t, "list_functions", nil, &list)
	var one getOutput
	w.call(t, "get_function", map[string]any{"function": "orders"}, &one)
	if len(list.Unfinished) != 1 || len(one.Unfinished) != 1 || list.Unfinished[0].Operation != "op-1" {
		t.Errorf("list returns %+v, get returns %+v", list.Unfinished, one.Unfinished)
	}
}

// TestBrokenJournals: each journal that cannot be read is reported separately.
func TestBrokenJournals(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("a", "nodejs18.x"), function("b", "nodejs18.x"))
	for _, name := range []string{"a", "b"} {
		c, _ := w.aws.Function(name)
		if _, err := w.ops.o.Journal.Begin(journal.Operation{ID: "op", ARN: c.FunctionArn}); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(w.ops.o.Journal.Path, "*.open.json"))
	if err != nil || len(files) != 2 {
		t.Fatalf("journals %q, %v", files, err)
	}
	for _, file := range files {
		if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out listOutput
	if w.call(t, "list_functions", nil, &out); len(out.NotReadable) != 2 || len(w.ops.Interrupted()) != 2 {
		t.Errorf("not readable %q, interrupted %q; want both journals in each", out.NotReadable, w.ops.Interrupted())
	}
}

// TestUnfinishedWithoutSteps: a process was killed before its first step, and journals cannot
// be listed.
func TestUnfinishedWithoutSteps(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("orders", "nodejs18.x"))
	c, _ := w.aws.Function("orders")
	if _, err := w.ops.o.Journal.Begin(journal.Operation{ID: "op-1", ARN: c.FunctionArn}); err != nil {
		t.Fatal(err)
	}
	var list, unreadable listOutput
	if w.call(t, "list_functions", nil, &list); len(list.Unfinished) != 1 || list.Unfinished[0].LastStep != "none" {
		t.Errorf("unfinished: %+v", list.Unfinished)
	}
	if err := os.RemoveAll(w.ops.o.Journal.Path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(w.ops.o.Journal.Path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if w.call(t, "list_functions", nil, &unreadable); len(unreadable.NotReadable) != 1 || !strings.Contains(unreadable.NotReadable[0], "list journals") {
		t.Errorf("not readable: %q", unreadable.NotReadable)
	}
}

// TestAdvice: the advice names the function's ARN, and a server that can carry it out.
func TestAdvice(t *testing.T) {
	const here, there = "arn:aws:lambda:eu-central-1:123456789012:function:orders", "arn:aws:lambda:us-east-1:123456789012:function:orders"
	for name, tc := range map[string]struct {
		op       journal.Operation
		readOnly bool
		want     string
	}{
		"here":           {journal.Operation{ARN: here}, false, `^call rollback_runtime with function "` + here + `"`},
		"another region": {journal.Operation{ARN: there}, false, "in another region: start lambdaops with --region us-east-1"},
		"read-only":      {journal.Operation{ARN: here}, true, "start lambdaops without --read-only"},
		"running":        {journal.Operation{ARN: here, Host: "another machine", PID: 7, Lease: today.Add(time.Minute)}, false, "process 7 may still be working"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, awsfake.LambdaOptions{})
			w.ops.o.ReadOnly = tc.readOnly
			got := w.ops.advice(tc.op)
			if want, begins := strings.CutPrefix(tc.want, "^"); !strings.Contains(got, want) || begins && !strings.HasPrefix(got, want) {
				t.Errorf("advice %q, want %q", got, tc.want)
			}
		})
	}
}

// TestBrokenJournalIsReported: a broken journal is reported, and blocks only its function.
func TestBrokenJournalIsReported(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("orders", "nodejs18.x"), function("bills", "nodejs18.x"))
	dir := w.ops.o.Journal.Path
	file := filepath.Join(dir, "eu-central-1.123456789012.orders.open.json")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if lines := w.ops.Interrupted(); len(lines) != 1 || !strings.Contains(lines[0], file) || !strings.HasPrefix(w.ops.Instructions(), "INTERRUPTED UPGRADE") {
		t.Errorf("interrupted: %q", lines)
	}
	var list listOutput
	w.call(t, "list_functions", nil, &list)
	var one getOutput
	w.call(t, "get_function", map[string]any{"function": "orders"}, &one)
	if len(list.Functions) != 2 || len(list.NotReadable) != 1 || len(one.NotReadable) != 1 || !strings.Contains(one.NotReadable[0], file) {
		t.Errorf("list: %+v; get: %+v", list, one)
	}
	var plan upgradeOutput
	if text, isError := w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "dry_run": true}, &plan); isError || len(plan.Plan.Refusals) != 1 || !strings.Contains(plan.Plan.Refusals[0], file) {
		t.Errorf("dry run: %s", text)
	}
	for tool, arguments := range map[string]map[string]any{
		"upgrade_runtime":  {"function": "orders", "confirm": true},
		"rollback_runtime": {"function": "orders", "confirm": true},
	} {
		if text, isError := w.call(t, tool, arguments, nil); !isError || !strings.HasPrefix(text, "refused, and nothing was changed: the journal "+file) || changed(w) {
			t.Errorf("%s: %q, changed %v", tool, text, changed(w))
		}
	}
	if text, isError := w.call(t, "upgrade_runtime", map[string]any{"function": "bills", "confirm": true}, nil); isError {
		t.Errorf("the other function: %s", text)
	}
}
