package lambdaops

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/upgrade"
	"serverless-mcp/internal/tool"
)

// TestGetOutput compares the whole result.
func TestGetOutput(t *testing.T) {
	f := function("orders", "nodejs18.x")
	f.Config.Description, f.Config.MemorySize, f.Config.Timeout = "as in AWS", 512, 7
	f.Config.Architectures = []string{"arm64"}
	f.Config.Layers = []awsfake.LambdaLayer{{Arn: "arn:layer:1"}, {Arn: "arn:layer:2"}}
	f.Config.Environment = &awsfake.LambdaEnvironment{Variables: map[string]string{"B": "2", "A": "1"}}
	f.Versions, f.Aliases, f.Tags = 2, map[string]string{"live": "2"}, map[string]string{"team": "shop"}
	w := newWorld(t, awsfake.LambdaOptions{}, f)
	w.aws.Split("orders", "live", map[string]float64{"1": 0.5})
	var got getOutput
	if text, isError := w.call(t, "get_function", map[string]any{"function": "orders"}, &got); isError {
		t.Fatal(text)
	}
	version := func(n string) versionInfo {
		return versionInfo{Version: n, Runtime: "nodejs18.x", LastModified: "2026-11-21T12:00:00.000+0000", Description: "as in AWS"}
	}
	want := getOutput{
		Notice: dataNotice, Name: "orders", ARN: "arn:aws:lambda:eu-central-1:123456789012:function:orders", Description: "as in AWS",
		Runtime: "nodejs18.x", RuntimeState: "deprecated", Successor: "nodejs24.x", Management: "Auto", State: "Active", PackageType: "Zip",
		Architecture: "arm64", Handler: "index.handler", Role: "arn:aws:iam::123456789012:role/orders", MemoryMB: 512, Timeout: 7,
		CodeBytes: int64(len("code of orders")), LastModified: "2026-11-21T12:00:00.000+0000", Environment: []string{"A", "B"},
		Layers: []string{"arn:layer:1", "arn:layer:2"}, Tags: map[string]string{"team": "shop"},
		Aliases:  []aliasInfo{{Name: "live", Version: "2", Weights: map[string]float64{"1": 0.5}}},
		Versions: []versionInfo{version("2"), version("1")}, VersionCount: 2, Table: got.Table,
		NotReadable: []string{}, Unfinished: []unfinished{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("get_function (-want +got):\n%s", diff)
	}
}

// TestGetImage: a container image has no runtime, and no runtime management.
func TestGetImage(t *testing.T) {
	f := function("image", "")
	f.Config.PackageType = "Image"
	w := newWorld(t, awsfake.LambdaOptions{}, f)
	var got getOutput
	w.call(t, "get_function", map[string]any{"function": "image"}, &got)
	if got.Runtime != "" || got.RuntimeState != "" || got.Successor != "" || got.Management != "" || len(got.NotReadable) > 0 || w.calls["GetRuntimeManagementConfig"] > 0 {
		t.Errorf("got %+v", got)
	}
}

// TestGetWithoutPermissions: the result names each part that could not be read and has all
// others.
func TestGetWithoutPermissions(t *testing.T) {
	f := function("orders", "nodejs18.x")
	f.Versions, f.Aliases = 1, map[string]string{"live": "1"}
	f.Config.Environment = &awsfake.LambdaEnvironment{Error: &awsfake.LambdaEnvironmentError{ErrorCode: "AccessDeniedException"}}
	for _, op := range []string{"GetRuntimeManagementConfig", "ListAliases", "ListVersionsByFunction"} {
		w := newWorld(t, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(called string) *awsfake.Fault {
			if called == op {
				return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "AccessDeniedException", Message: "no"}}
			}
			return nil
		}}}, f)
		var got getOutput
		w.call(t, "get_function", map[string]any{"function": "orders"}, &got)
		if diff := cmp.Diff([]string{"environment variables: AccessDeniedException", op + ": AccessDeniedException: no"}, got.NotReadable); diff != "" {
			t.Errorf("%s: not readable (-want +got):\n%s", op, diff)
		}
		read := map[string]bool{"GetRuntimeManagementConfig": got.Management != "", "ListAliases": len(got.Aliases) > 0, "ListVersionsByFunction": len(got.Versions) > 0}
		for part, ok := range read {
			if ok == (part == op) {
				t.Errorf("%s denied: %s read %v", op, part, ok)
			}
		}
	}
}

// TestRollbackOutput: a dry run and a rollback of a finished and of an interrupted
// upgrade.
func TestRollbackOutput(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("orders", "nodejs18.x"))
	var up upgradeOutput
	if text, isError := w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "confirm": true}, &up); isError || len(up.Steps) == 0 || up.Operation == "" || up.Published != "1" || up.Upgraded != "" {
		t.Fatalf("upgrade: %s %+v", text, up)
	}
	var dry, back rollbackOutput
	if text, isError := w.call(t, "rollback_runtime", map[string]any{"function": "orders", "dry_run": true}, &dry); isError || w.aws.Runtime("orders", "$LATEST") != "nodejs24.x" {
		t.Fatalf("dry run: %s", text)
	}
	if dry.Outcome != "plan" || dry.Began != "upgraded" || dry.Operation != up.Operation || len(dry.Plan) != 1 || len(dry.Steps) != len(up.Steps) {
		t.Errorf("dry run %+v", dry)
	}
	if text, isError := w.call(t, "rollback_runtime", map[string]any{"function": "orders", "confirm": true}, &back); isError || back.Outcome != "rolled back" || len(back.Steps) <= len(up.Steps) {
		t.Errorf("rollback: %s %+v", text, back)
	}
	op := upgradeInterrupted(t, w)
	dry = rollbackOutput{}
	if text, isError := w.call(t, "rollback_runtime", map[string]any{"function": "orders", "dry_run": true}, &dry); isError || dry.Began != "unfinished" || dry.Operation != op {
		t.Errorf("interrupted: %s %+v", text, dry)
	}
}

// upgradeInterrupted leaves an unfinished operation behind.
func upgradeInterrupted(t *testing.T, w *world) string {
	t.Helper()
	p, err := w.ops.upgrader.Plan(t.Context(), upgrade.Request{Function: "orders"})
	if err != nil {
		t.Fatal(err)
	}
	op := journal.Operation{ID: "interrupted", ARN: p.ARN, From: p.From, To: p.To, Copy: "orders-lambdaops-copy-x"}
	begun, err := w.ops.o.Journal.Begin(op)
	if err != nil {
		t.Fatal(err)
	}
	return begun.ID
}

// TestRollbackOfADeletedFunctionIsNoError: the rollback did what its plan said.
func TestRollbackOfADeletedFunctionIsNoError(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("orders", "nodejs18.x"))
	upgradeInterrupted(t, w)
	if _, err := w.ops.o.Lambda.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String("orders")}); err != nil {
		t.Fatal(err)
	}
	var back rollbackOutput
	text, isError := w.call(t, "rollback_runtime", map[string]any{"function": "orders", "confirm": true}, &back)
	if isError || back.Outcome != upgrade.FunctionDeleted || len(back.Problems) > 0 {
		t.Errorf("error %v, %s", isError, text)
	}
}

// TestFailedRollbackIsAnError: the result of an incomplete rollback is an error.
func TestFailedRollbackIsAnError(t *testing.T) {
	deny := false
	w := newWorld(t, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if deny && op == "UpdateFunctionConfiguration" {
			return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "AccessDeniedException", Message: "no"}}
		}
		return nil
	}}}, function("orders", "nodejs18.x"))
	w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "confirm": true}, nil)
	deny = true
	var back rollbackOutput
	if _, isError := w.call(t, "rollback_runtime", map[string]any{"function": "orders", "confirm": true}, &back); !isError || len(back.Problems) == 0 {
		t.Errorf("error %v, %+v", isError, back)
	}
}

// TestRollbackWhileLocked: while another operation has the function's lock, a rollback
// returns an error and nothing is undone.
func TestRollbackWhileLocked(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{}, function("orders", "nodejs18.x"))
	w.call(t, "upgrade_runtime", map[string]any{"function": "orders", "confirm": true}, nil)
	plan, err := w.ops.upgrader.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	release, err := w.ops.o.Journal.Lock(plan.Operation.ARN)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	text, isError := w.call(t, "rollback_runtime", map[string]any{"function": "orders", "confirm": true}, nil)
	if !isError || w.aws.Runtime("orders", "$LATEST") != "nodejs24.x" {
		t.Errorf("%q, %v, and $LATEST has %s", text, isError, w.aws.Runtime("orders", "$LATEST"))
	}
}

// TestErrorsForModel: only errors that a model can act on become tool errors.
func TestErrorsForModel(t *testing.T) {
	internal := errors.New("internal")
	if got := forModel(internal); got != internal {
		t.Errorf("an internal error became %v", got)
	}
	if forModel(nil) != nil {
		t.Error("nil became an error")
	}
	mine := tool.Errorf("mine")
	if got := forModel(mine); got != mine {
		t.Errorf("a tool error became %v", got)
	}
	connection := &smithy.OperationError{ServiceID: "Lambda", OperationName: "GetFunction", Err: errors.New("no such host")}
	text, ok := tool.ForModel(forModel(connection))
	if !ok || text != "the call to AWS failed (GetFunction): no such host. Check the credentials, the region and the connection" {
		t.Errorf("a lost connection: %q, %v", text, ok)
	}
}

// TestTruncate: a response is truncated to whole characters.
func TestTruncate(t *testing.T) {
	for _, tc := range []struct {
		in        string
		n         int // length of the result
		truncated bool
	}{
		{"", 0, false}, {strings.Repeat("x", maxResponse), maxResponse, false}, {strings.Repeat("x", maxResponse+1), maxResponse, true},
		{strings.Repeat("x", maxResponse-1) + "ä", maxResponse - 1, true}, {strings.Repeat("x", maxResponse-2) + "äx", maxResponse, true},
		{strings.Repeat("x", maxResponse-1) + "😀", maxResponse - 1, true}, {strings.Repeat("x", maxResponse-3) + "😀", maxResponse - 3, true},
		{strings.Repeat("\x80", maxResponse+1), 0, true},
	} {
		got, truncated := truncate([]byte(tc.in))
		if len(got) != tc.n || truncated != tc.truncated || !strings.HasPrefix(tc.in, got) {
			t.Errorf("%d bytes ending in %q: %d bytes, truncated %v; want %d, %v", len(tc.in), tc.in[max(0, len(tc.in)-4):], len(got), truncated, tc.n, tc.truncated)
		}
	}
	if got, _ := truncate([]byte("a\xffb")); got != "a\uFFFDb" {
		t.Errorf("invalid UTF-8: %q", got)
	}
}

// TestProgressNeedsAToken: a client that did not request progress gets none.
func TestProgressNeedsAToken(t *testing.T) {
	var request mcp.CallToolRequest
	if notifier(t.Context(), request) != nil {
		t.Error("progress without a session")
	}
	c := &call{}
	c.progress(1, "first") // must not panic
	c.progress(0.5, "less")
	if c.done <= 1 {
		t.Errorf("progress fell to %v", c.done)
	}
	c.step("next")
	if c.done < 2 {
		t.Errorf("progress after a step: %v", c.done)
	}
	data, err := json.Marshal(ask("what", "print").RequestState)
	if err != nil || string(data) != `"print"` {
		t.Errorf("the question's state: %s, %v", data, err)
	}
}
