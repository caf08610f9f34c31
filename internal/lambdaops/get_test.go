package lambdaops

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
)

func TestGetShowsNamesOnly(t *testing.T) {
	f := function("orders", "nodejs18.x")
	f.Config.Environment = &awsfake.LambdaEnvironment{Variables: map[string]string{"DB_PASSWORD": "hunter2-value", "A": "b-value"}}
	f.Versions, f.Aliases, f.Tags = 3, map[string]string{"live": "3"}, map[string]string{"team": "shop"}
	seven := 7
	f.Concurrency = &seven
	w := newWorld(t, awsfake.LambdaOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if op == "ListVersionsByFunction" {
			return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "AccessDeniedException", Message: "no"}}
		}
		return nil
	}}}, f)
	var out getOutput
	text, isError := w.call(t, "get_function", map[string]any{"function": "orders"}, &out)
	if isError {
		t.Fatal(text)
	}
	if diff := cmp.Diff([]string{"A", "DB_PASSWORD"}, out.Environment); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	for _, value := range []string{"hunter2-value", "b-value"} {
		if strings.Contains(text, value) {
			t.Errorf("the value %q is in the result", value)
		}
	}
	if out.Reserved == nil || *out.Reserved != 7 || len(out.Aliases) != 1 || out.Tags["team"] != "shop" || out.Management != "Auto" {
		t.Errorf("got %+v", out)
	}
	if diff := cmp.Diff([]string{"ListVersionsByFunction: AccessDeniedException: no"}, out.NotReadable); diff != "" {
		t.Errorf("not readable (-want +got):\n%s", diff)
	}
}

// TestGetWithoutTags: unreadable tags are reported.
func TestGetWithoutTags(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{NoTags: func() bool { return true }}, function("orders", "nodejs18.x"))
	var out getOutput
	w.call(t, "get_function", map[string]any{"function": "orders"}, &out)
	if diff := cmp.Diff([]string{"tags: AccessDeniedException: check the permission lambda:ListTags"}, out.NotReadable); diff != "" {
		t.Errorf("not readable (-want +got):\n%s", diff)
	}
}

func TestGetVersions(t *testing.T) {
	f := function("orders", "nodejs18.x")
	f.Versions = 120
	w := newWorld(t, awsfake.LambdaOptions{}, f)
	var out getOutput
	w.call(t, "get_function", map[string]any{"function": "orders"}, &out)
	if out.VersionCount != 120 || len(out.Versions) != 50 || out.Versions[0].Version != "120" || out.Versions[49].Version != "71" {
		t.Errorf("%d versions, shown %d from %+v", out.VersionCount, len(out.Versions), out.Versions[0])
	}
}

func TestInvoke(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{Respond: func(i awsfake.LambdaInvocation) awsfake.LambdaResponse {
		var in struct{ Do string }
		_ = json.Unmarshal(i.Payload, &in)
		switch in.Do {
		case "fail":
			return awsfake.LambdaResponse{Payload: []byte(`{"errorType":"TypeError","errorMessage":"x is undefined"}`), Error: "Unhandled", Log: "START\nboom\nEND\n"}
		case "fail at length":
			return awsfake.LambdaResponse{Payload: []byte(`{"errorType":"` + strings.Repeat("x", 1<<20) + `"}`), Error: "Unhandled"}
		case "talk":
			return awsfake.LambdaResponse{Payload: []byte(`"` + strings.Repeat("ä", 100_000) + `"`)}
		}
		return awsfake.LambdaResponse{Payload: i.Payload}
	}}, function("f", "nodejs18.x"))
	var ok, failed, long invokeOutput
	w.call(t, "invoke_function", map[string]any{"function": "f", "confirm": true, "payload": `{"a":1}`}, &ok)
	if diff := cmp.Diff(invokeOutput{Notice: dataNotice, Version: "$LATEST", Response: `{"a":1}`}, ok); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	w.call(t, "invoke_function", map[string]any{"function": "f", "confirm": true, "payload": `{"do":"fail"}`, "log": true}, &failed)
	if !failed.Failed || failed.ErrorType != "TypeError" || failed.Error != "Unhandled" || !strings.Contains(failed.Log, "boom") {
		t.Errorf("failed: %+v", failed)
	}
	failed = invokeOutput{}
	w.call(t, "invoke_function", map[string]any{"function": "f", "confirm": true, "payload": `{"do":"fail at length"}`}, &failed)
	if !failed.Failed || failed.ErrorType != "" || !failed.Truncated || len(failed.Response) > maxResponse {
		t.Errorf("failed at length: an error type of %d bytes, truncated %v, %d bytes", len(failed.ErrorType), failed.Truncated, len(failed.Response))
	}
	if text, isError := w.call(t, "invoke_function", map[string]any{"function": "f", "confirm": true, "payload": `{"do":"talk"}`}, &long); isError {
		t.Fatalf("long: %s", text)
	}
	if !long.Truncated || len(long.Response) > maxResponse || !strings.HasSuffix(long.Response, "ä") {
		t.Errorf("long: truncated %v, %d bytes, ends in %q", long.Truncated, len(long.Response), long.Response[len(long.Response)-4:])
	}
	if text, isError := w.call(t, "invoke_function", map[string]any{"function": "f", "confirm": true, "payload": "{"}, nil); !isError || !strings.Contains(text, "not JSON") {
		t.Errorf("bad payload: %q", text)
	}
	if text, isError := w.call(t, "invoke_function", map[string]any{"function": "gone", "confirm": true}, nil); !isError || !strings.Contains(text, "ResourceNotFoundException") {
		t.Errorf("no such function: %q", text)
	}
}
