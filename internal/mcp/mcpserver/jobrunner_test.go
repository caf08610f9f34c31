package mcpserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/tool"
)

// TestJobRunner: how each kind of result and error of a job is stored, with and
// without a log.
func TestJobRunner(t *testing.T) {
	job := func(name string, fn func(context.Context, struct{}) (*mcp.CallToolResult, error)) tool.Tool {
		return tool.NewJob(tool.Info{Name: name, Description: "A fixture."}, fn)
	}
	set := tool.Set{Tools: []tool.Tool{
		job("asks", func(context.Context, struct{}) (*mcp.CallToolResult, error) { return inputRequests().ToolResult(), nil }),
		job("nothing", func(context.Context, struct{}) (*mcp.CallToolResult, error) { return nil, nil }),
		job("needs", func(context.Context, struct{}) (*mcp.CallToolResult, error) {
			return nil, mcp.MissingRequiredClientCapabilityError{Capability: "sampling"}
		}),
		job("timeout", func(context.Context, struct{}) (*mcp.CallToolResult, error) { return nil, context.DeadlineExceeded }),
		job("unencodable", func(context.Context, struct{}) (*mcp.CallToolResult, error) {
			return &mcp.CallToolResult{StructuredContent: math.NaN()}, nil
		}),
		job("ok", func(context.Context, struct{}) (*mcp.CallToolResult, error) {
			return mcp.NewToolResultText("done"), nil
		}),
		define("echo", func(_ context.Context, in word) (echoed, error) { return echoed(in), nil }),
	}}
	var log bytes.Buffer
	for name, test := range map[string]struct {
		call    mcpjob.Call // Tool defaults to the test's name
		result  string      // part of it; "" means that the job fails
		failure mcpjob.Error
		log     string // part of it; "" means none
	}{
		"ok":            {mcpjob.Call{}, `"text":"done"}],"resultType":"complete"`, mcpjob.Error{}, ""},
		"asks":          {mcpjob.Call{}, `"text":"internal error in tool asks; see the server's log"}],"isError":true`, mcpjob.Error{}, "only Tool.Before can"},
		"nothing":       {mcpjob.Call{}, `"text":"internal error in tool nothing; see the server's log"}],"isError":true`, mcpjob.Error{}, "neither a result nor an error"},
		"timeout":       {mcpjob.Call{}, `"text":"internal error in tool timeout; see the server's log"}],"isError":true`, mcpjob.Error{}, "deadline exceeded"}, // not the job's own
		"unencodable":   {mcpjob.Call{}, `"text":"internal error in tool unencodable; see the server's log"}],"isError":true`, mcpjob.Error{}, "unsupported value"},
		"needs":         {mcpjob.Call{}, "", mcpjob.Error{Code: mcp.MISSING_REQUIRED_CLIENT_CAPABILITY, Message: `missing required client capability: "sampling"`}, ""},
		"bad responses": {mcpjob.Call{Tool: "ok", InputResponses: json.RawMessage("[7]")}, "", mcpjob.Error{Code: mcp.INVALID_PARAMS, Message: "the params do not match the method"}, ""},
		"no job":        {mcpjob.Call{Tool: "echo"}, "", mcpjob.Error{Code: mcp.INVALID_PARAMS, Message: "the job's tool no longer exists"}, ""},
	} {
		for _, logger := range []*slog.Logger{slog.New(slog.NewTextHandler(&log, nil)), nil} {
			log.Reset()
			runner, err := mcpserver.NewJobRunner(logger, set)
			if err != nil {
				t.Fatal(err)
			}
			if test.call.Tool == "" {
				test.call.Tool = name
			}
			result, failed := runner.Run(t.Context(), test.call, 1, func(string) {})
			if !strings.Contains(string(result), test.result) || (test.result == "") != (failed != nil) || failed != nil && *failed != test.failure {
				t.Errorf("%s: %s, %+v; want %s, %+v", name, result, failed, test.result, test.failure)
			}
			if logger != nil && ((test.log == "") != (log.Len() == 0) || !strings.Contains(log.String(), test.log)) {
				t.Errorf("%s: logged %q, want %q", name, &log, test.log)
			}
		}
	}
	if runner, err := mcpserver.NewJobRunner(nil, tool.Set{Tools: []tool.Tool{set.Tools[0], set.Tools[0]}}); runner != nil || err == nil || !strings.Contains(err.Error(), "declared twice") {
		t.Errorf("a bad set: %v, %v", runner, err)
	}
}

// TestWaitEndsBeforeTheDeadline: a call that waits for a job returns the job's id in
// time to be sent, and never waits for longer than by default.
func TestWaitEndsBeforeTheDeadline(t *testing.T) {
	for deadline, want := range map[time.Duration]time.Duration{10 * time.Second: 8 * time.Second, time.Hour: 20 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			r := newJobRig(t, &jobStore{}, false)
			ctx, cancel := context.WithTimeout(t.Context(), deadline)
			defer cancel()
			began := time.Now()
			_, body := r.do(t, request{caller: everyone, ctx: ctx}, "tools/call", callOf("nap", `{"seconds":60}`))
			// mcphttp reserves a second before the deadline, and the wait reserves another.
			if text, isError := textOf(t, body); isError || !strings.Contains(text, "still running") || time.Since(began) != want {
				t.Errorf("deadline of %v: after %v %s, want %v", deadline, time.Since(began), body, want)
			}
			time.Sleep(time.Hour)
		})
	}
}

// TestUnreadableJob: a call keeps waiting for a job whose state cannot be read for a while,
// but not for one that is no longer stored.
func TestUnreadableJob(t *testing.T) {
	for name, test := range map[string]struct {
		fails   error
		want    string
		isError bool
	}{
		"outage":    {errors.New("s3cret"), `The job is still running; this is not its result. Call the tool "job"`, false},
		"forgotten": {mcpjob.ErrUnknown, "the job is no longer stored", true},
	} {
		synctest.Test(t, func(t *testing.T) {
			store := &jobStore{unreadable: test.fails}
			r := newJobRig(t, store, false)
			_, body := r.do(t, request{caller: everyone}, "tools/call", callOf("nap", `{"seconds":60}`))
			if text, isError := textOf(t, body); isError != test.isError || !strings.HasPrefix(text, test.want) || strings.Contains(body, "s3cret") {
				t.Errorf("%s: %s, want %q", name, body, test.want)
			}
			if (name == "outage") != strings.Contains(r.log.String(), "cannot read a job") {
				t.Errorf("%s: logged %s", name, &r.log)
			}
			// The tool that waits for jobs reports the outage itself.
			_, body = r.do(t, request{caller: everyone}, "tools/call", callOf("job", `{"id":"job-a"}`))
			want := map[string]string{"outage": "internal error in tool job", "forgotten": "there is no job with this id"}[name]
			if text, isError := textOf(t, body); !isError || !strings.HasPrefix(text, want) {
				t.Errorf("%s: the tool job: %s, want %q", name, body, want)
			}
			scoped := &apikey.Principal{KeyID: "everyone", Tools: []string{"nap"}}
			_, body = r.do(t, request{caller: scoped}, "tools/call", callOf("job", `{"id":"job-a"}`))
			if text, isError := textOf(t, body); !isError || !strings.HasPrefix(text, want) {
				t.Errorf("%s: the tool job with a scope: %s, want %q", name, body, want)
			}
			time.Sleep(time.Hour)
		})
	}
}

// TestDisconnectDuringJobRead: a client that disconnects while its job is read is not
// logged as an outage.
func TestDisconnectDuringJobRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r := newJobRig(t, &jobStore{reading: func(ctx context.Context) error {
			cancel()
			<-ctx.Done()
			return ctx.Err()
		}}, false)
		r.do(t, request{caller: everyone, ctx: ctx}, "tools/call", callOf("nap", `{"seconds":60}`))
		if strings.Contains(r.log.String(), "cannot read a job") {
			t.Errorf("logged %s", &r.log)
		}
		time.Sleep(time.Hour)
	})
}

// TestCancelOfAJobThatEnds: a job that ends while it is being cancelled returns its result;
// if its end cannot be read, the response does not say that it was cancelled.
func TestCancelOfAJobThatEnds(t *testing.T) {
	for name, want := range map[string]string{"completed": "done anyway", "unreadable": "internal error in tool job; see the server's log"} {
		synctest.Test(t, func(t *testing.T) {
			store := &jobStore{}
			store.cancelling = func(id string) {
				if name == "unreadable" {
					store.reading = func(context.Context) error { return errors.New("s3cret") }
				}
				store.set(id, func(j *mcpjob.Job) {
					j.Status, j.Result = mcpjob.Completed, json.RawMessage(`{"content":[{"type":"text","text":"done anyway"}]}`)
				})
			}
			r := newJobRig(t, store, false)
			r.do(t, request{caller: everyone}, "tools/call", callOf("nap", `{"seconds":100}`))
			_, body := r.do(t, request{caller: everyone}, "tools/call", callOf("job", `{"id":"job-a","cancel":true}`))
			if text, isError := textOf(t, body); text != want || isError != (name == "unreadable") {
				t.Errorf("%s: %s, want %q", name, body, want)
			}
			time.Sleep(time.Hour)
		})
	}
}
