package pause_test

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/deploy/pause"
	"serverless-mcp/internal/emulator/awsfake"
)

const serviceARN = "arn:aws:ecs:us-east-1:123456789012:service/cluster-1/container-1"

// changing lists the operations that change something.
var changing = []string{"TagResource", "UntagResource", "PutFunctionConcurrency", "DeleteFunctionConcurrency", "UpdateService"}

// world is an account with a stack of all servers and the job function.
type world struct {
	functions []awsfake.LambdaFunction
	service   awsfake.ECSService
	outputs   map[string]string

	stack      *deployed.Stack
	calls      int    // number of changing calls so far
	failing    int    // number of the changing call that fails; zero means none
	unreadable string // the read operation that fails
}

func newWorld(t *testing.T, change func(*world)) *world {
	t.Helper()
	function := func(name string, reserved *int) awsfake.LambdaFunction {
		return awsfake.LambdaFunction{Config: awsfake.LambdaConfig{FunctionName: name}, Concurrency: reserved}
	}
	w := &world{
		functions: []awsfake.LambdaFunction{function("job-1", new(7)), function("authorizer-1", nil), function("mcpstream-1", new(3)), function("mcp-1", nil)},
		service:   awsfake.ECSService{ARN: serviceARN, Desired: 2},
		outputs:   map[string]string{"McpContainerService": serviceARN},
	}
	if change != nil {
		change(w)
	}
	o := awsfake.Options{Fail: func(op string) *awsfake.Fault {
		if slices.Contains(changing, op) {
			w.calls++
		}
		if op != w.unreadable && (w.calls != w.failing || !slices.Contains(changing, op)) {
			return nil
		}
		return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "AccessDeniedException", Message: "not authorized to perform: " + op}}
	}}
	ids := map[string]string{"mcp-1": "Mcp", "mcpstream-1": "McpStream", "authorizer-1": "Authorizer", "job-1": "Job"}
	names := map[string]string{}
	for _, f := range w.functions {
		names[ids[f.Config.FunctionName]] = f.Config.FunctionName
	}
	for name, s := range map[string]*httptest.Server{
		"LAMBDA":         httptest.NewServer(awsfake.NewLambda(awsfake.LambdaOptions{Options: o}, w.functions...)),
		"ECS":            httptest.NewServer(awsfake.NewECS(o, &w.service)),
		"CLOUDFORMATION": httptest.NewServer(awsfake.NewCloudFormation(o, awsfake.Stack{Name: "S", Outputs: w.outputs, Functions: names})),
	} {
		t.Cleanup(s.Close)
		t.Setenv("AWS_ENDPOINT_URL_"+name, s.URL)
	}
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_PROFILE": "", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
		"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	stack, err := deployed.Find(t.Context(), deployed.Options{Name: "S"})
	if err != nil {
		t.Fatal(err)
	}
	w.stack = stack
	return w
}

// pause and resume return the changes as lines.
func (w *world) pause(t *testing.T) (lines []string, err error) {
	err = pause.Pause(t.Context(), w.stack, func(c pause.Change) { lines = append(lines, fmt.Sprintf("%s: %s -> %s", c.Name, c.Before, c.After)) })
	return lines, err
}

func (w *world) resume(t *testing.T) (lines []string, err error) {
	err = pause.Resume(t.Context(), w.stack, func(c pause.Change) { lines = append(lines, fmt.Sprintf("%s: %s -> %s", c.Name, c.Before, c.After)) })
	return lines, err
}

func check(t *testing.T, what string, want, got []string, err error) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
	}
}

// TestPauseAndResume: the job function stops last and starts first, so that no event of a
// new job is dropped. The previous values are restored, and the authorizer is not changed.
func TestPauseAndResume(t *testing.T) {
	w := newWorld(t, nil)
	lines, err := w.pause(t)
	check(t, "pause", []string{
		"function mcp-1: unreserved -> reserved concurrency 0", "function mcpstream-1: reserved concurrency 3 -> reserved concurrency 0",
		"service container-1: tasks 2 -> tasks 0", "function job-1: reserved concurrency 7 -> reserved concurrency 0",
	}, lines, err)
	lines, err = w.pause(t)
	check(t, "pause again", []string{
		"function mcp-1: reserved concurrency 0 -> reserved concurrency 0", "function mcpstream-1: reserved concurrency 0 -> reserved concurrency 0",
		"service container-1: tasks 0 -> tasks 0", "function job-1: reserved concurrency 0 -> reserved concurrency 0",
	}, lines, err)
	if w.service.Desired != 0 {
		t.Errorf("%d tasks", w.service.Desired)
	}
	lines, err = w.resume(t)
	check(t, "resume", []string{
		"function job-1: reserved concurrency 0 -> reserved concurrency 7", "function mcp-1: reserved concurrency 0 -> unreserved",
		"function mcpstream-1: reserved concurrency 0 -> reserved concurrency 3", "service container-1: tasks 0 -> tasks 2",
	}, lines, err)
	if w.service.Desired != 2 || len(w.service.Tags) != 0 {
		t.Errorf("%d tasks, tags %v", w.service.Desired, w.service.Tags)
	}
	before := w.calls
	lines, err = w.resume(t)
	check(t, "resume again", []string{
		"function job-1: reserved concurrency 7 -> reserved concurrency 7", "function mcp-1: unreserved -> unreserved",
		"function mcpstream-1: reserved concurrency 3 -> reserved concurrency 3", "service container-1: tasks 2 -> tasks 2",
	}, lines, err)
	if w.calls != before {
		t.Errorf("resume changed %d things that were not paused", w.calls-before)
	}
}

// TestInterrupted: whichever call fails, running the same command again completes it, and no
// previous value is lost.
func TestInterrupted(t *testing.T) {
	started := []string{
		"function job-1: reserved concurrency 7 -> reserved concurrency 7", "function mcp-1: unreserved -> unreserved",
		"function mcpstream-1: reserved concurrency 3 -> reserved concurrency 3", "service container-1: tasks 2 -> tasks 2",
	}
	const perCommand = 8 // two calls for each of four servers
	for failing := 1; failing <= 2*perCommand; failing++ {
		t.Run(fmt.Sprint("call ", failing), func(t *testing.T) {
			w := newWorld(t, func(w *world) { w.failing = failing })
			failed := 0
			for _, command := range []func(*testing.T) ([]string, error){w.pause, w.resume} {
				_, err := command(t)
				if err == nil {
					continue
				}
				if failed++; !strings.Contains(err.Error(), "not allowed") {
					t.Errorf("error %v", err)
				}
				if _, err := command(t); err != nil {
					t.Errorf("again: %v", err)
				}
				if failing > perCommand {
					continue
				}
				lines, err := w.pause(t)
				check(t, "paused again", []string{
					"function mcp-1: reserved concurrency 0 -> reserved concurrency 0", "function mcpstream-1: reserved concurrency 0 -> reserved concurrency 0",
					"service container-1: tasks 0 -> tasks 0", "function job-1: reserved concurrency 0 -> reserved concurrency 0",
				}, lines, err)
			}
			if failed != 1 {
				t.Errorf("%d commands failed, want 1", failed)
			}
			lines, err := w.resume(t)
			check(t, "afterwards", started, lines, err)
			if len(w.service.Tags) != 0 {
				t.Errorf("tags %v", w.service.Tags)
			}
		})
	}
}

// TestStateCannotBeRead: a server whose state cannot be read is left unchanged. Pause stops
// the others all the same.
func TestStateCannotBeRead(t *testing.T) {
	for op, paused := range map[string][]string{
		"ListStackResources":     nil,
		"GetFunctionConcurrency": {"service container-1: tasks 2 -> tasks 0"},
		"ListTags":               {"service container-1: tasks 2 -> tasks 0"},
		"DescribeServices": {
			"function mcp-1: unreserved -> reserved concurrency 0", "function mcpstream-1: reserved concurrency 3 -> reserved concurrency 0",
			"function job-1: reserved concurrency 7 -> reserved concurrency 0",
		},
	} {
		t.Run(op, func(t *testing.T) {
			w := newWorld(t, nil)
			w.unreadable = op
			lines, err := w.pause(t)
			if diff := cmp.Diff(paused, lines); diff != "" || err == nil || w.calls != 2*len(paused) {
				t.Errorf("pause: %v, %d changes (-want +got):\n%s", err, w.calls, diff)
			}
		})
		t.Run(op+", resumed", func(t *testing.T) {
			w := newWorld(t, func(w *world) {
				if op == "DescribeServices" {
					w.functions = w.functions[1:2] // the authorizer
				}
			})
			w.unreadable = op
			if lines, err := w.resume(t); err == nil || len(lines) != 0 || w.calls != 0 {
				t.Errorf("resume: %q, %v, %d changes; want an error and no change", lines, err, w.calls)
			}
		})
	}
}

// TestStartedMeanwhile: a server that a deployment started again keeps the deployment's value.
func TestStartedMeanwhile(t *testing.T) {
	w := newWorld(t, nil)
	if _, err := w.pause(t); err != nil {
		t.Fatal(err)
	}
	w.service.Desired = 5
	lines, err := w.resume(t)
	if err != nil || !slices.Contains(lines, "service container-1: tasks 5 -> tasks 5") || w.service.Desired != 5 || len(w.service.Tags) != 0 {
		t.Errorf("resume: %v, %q, tasks %d, tags %v", err, lines, w.service.Desired, w.service.Tags)
	}
	if _, err := w.pause(t); err != nil {
		t.Fatal(err)
	}
	if got := maps.Collect(maps.All(w.service.Tags)); got["mcpctl-paused"] != "5" {
		t.Errorf("tags %v, want the number of tasks that the deployment set", got)
	}
}

// TestOneStoppedByHand: the other servers are paused.
func TestOneStoppedByHand(t *testing.T) {
	w := newWorld(t, func(w *world) { w.functions[3].Concurrency = new(0) })
	lines, err := w.pause(t)
	want := []string{
		"function mcpstream-1: reserved concurrency 3 -> reserved concurrency 0", "service container-1: tasks 2 -> tasks 0",
		"function job-1: reserved concurrency 7 -> reserved concurrency 0",
	}
	if diff := cmp.Diff(want, lines); diff != "" || err == nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestUnusual(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*world)
		command func(*world, *testing.T) ([]string, error)
		want    string // in the error; empty means success
	}{
		"stopped by hand":          {func(w *world) { w.functions[3].Concurrency = new(0) }, (*world).pause, "function mcp-1 is stopped, but not by mcpctl pause"},
		"stopped by hand, resumed": {func(w *world) { w.functions[3].Concurrency = new(0) }, (*world).resume, ""},
		"a tag of another program": {func(w *world) { w.functions[3].Tags = map[string]string{"mcpctl-paused": "many"} }, (*world).resume, `the tag mcpctl-paused with the unknown value "many"`},
		"an odd output":            {func(w *world) { w.outputs["McpContainerService"] = "x" }, (*world).pause, "is not the ARN of a service"},
		"no server":                {func(w *world) { w.outputs, w.functions = nil, w.functions[:2] }, (*world).pause, "has no server: deploy it again"},
		"no jobs":                  {func(w *world) { w.functions = w.functions[1:] }, (*world).pause, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, test.change)
			_, err := test.command(w, t)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
