package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/poll"
)

// task posts a request of a client with the Tasks extension. name is the name of the tool or
// the id of the task.
func (s *system) task(t *testing.T, key, method, name, params string) response {
	t.Helper()
	const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}`
	return s.request(t, "POST", "/mcp", fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":{%s,%s}}`, method, meta, params),
		"x-api-key", key, "Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", method, "Mcp-Name", name)
}

// startTask starts a job and returns its id.
func (s *system) startTask(t *testing.T, key, tool string) string {
	t.Helper()
	a := s.task(t, key, "tools/call", tool, `"name":"`+tool+`","arguments":{}`)
	var message struct {
		Result struct{ ResultType, TaskID string }
	}
	if err := json.Unmarshal([]byte(a.body), &message); err != nil || message.Result.ResultType != "task" {
		t.Fatalf("%s: %d %s, want a task", tool, a.status, a.body)
	}
	s.private = append(s.private, message.Result.TaskID) // id and key give access to the result
	return message.Result.TaskID
}

// waitForTask polls a task until it has ended, and returns the last response.
func (s *system) waitForTask(t *testing.T, key, id string) (body string) {
	t.Helper()
	poll.Until(t, "the end of a task", func() bool {
		body = s.task(t, key, "tasks/get", id, `"taskId":"`+id+`"`).body
		return !strings.Contains(body, `"status":"working"`)
	})
	return body
}

// TestJobKilled: the worker's process is killed in the middle of a job. An idempotent job
// runs again, even if events are duplicated; any other job ends as interrupted.
func TestJobKilled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tool  string
		times int // number of deliveries of each event
		want  string
	}{
		{"again", 1, `"text":"{\"text\":\"attempt 2\"}"`},
		{"again", 2, `"text":"{\"text\":\"attempt 2\"}"`},
		{"once", 1, `"status":"failed","statusMessage":"the job was interrupted and may have done part of its work"`},
	} {
		t.Run(fmt.Sprint(c.tool, c.times), func(t *testing.T) {
			t.Parallel()
			clock := newClock(t)
			s := start(t, "jobs", built.fixtures, clock.use(local.MCPID, settings.JobID), func(_ *local.Topology, o *local.Options) { o.EventTimes = func() int { return c.times } })
			id := s.startTask(t, deploymentKey, c.tool)
			process := regexp.MustCompile(`job ` + c.tool + ` runs in process ([0-9]+)`)
			var found []string
			poll.Until(t, "the job to run", func() bool {
				found = process.FindStringSubmatch(s.logs.String())
				return found != nil
			})
			pid, err := strconv.Atoi(found[1])
			if err != nil {
				t.Fatal(err)
			}
			worker, err := os.FindProcess(pid)
			if err != nil {
				t.Fatal(err)
			}
			if err := worker.Kill(); err != nil {
				t.Fatal(err)
			}
			check(t, s.task(t, deploymentKey, "tasks/get", id, `"taskId":"`+id+`"`), http.StatusOK, `"status":"working"`)
			clock.set(t, time.Minute) // the lease expires
			if got := s.waitForTask(t, deploymentKey, id); !strings.Contains(got, c.want) {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestDroppedEvent: if the event for a job is lost, reading the job sends another.
func TestDroppedEvent(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	clock := newClock(t)
	s := start(t, "jobs", built.fixtures, clock.use(local.MCPID, settings.JobID), func(_ *local.Topology, o *local.Options) {
		o.EventTimes = func() int { return int(min(sent.Add(1)-1, 1)) }
	})
	id := s.startTask(t, deploymentKey, "brief")
	check(t, s.task(t, deploymentKey, "tasks/get", id, `"taskId":"`+id+`"`), http.StatusOK, `"status":"working"`)
	if sent.Load() != 1 {
		t.Errorf("%d events, although the first may still arrive", sent.Load())
	}
	clock.set(t, time.Minute)
	if got := s.waitForTask(t, deploymentKey, id); !strings.Contains(got, `"text":"{\"text\":\"hello\"}"`) || sent.Load() < 2 {
		t.Errorf("after %d events: %s", sent.Load(), got)
	}
}

// TestJobs calls jobs through gateway, authorizer and both functions: with and without the
// extension, and with keys that do not own the job.
func TestJobs(t *testing.T) {
	t.Parallel()
	s := start(t, "jobs", built.fixtures, withKeys(
		apikey.Key{ID: "other", SHA256: apikey.Hash(laterKey)}, apikey.Key{ID: "scoped", SHA256: apikey.Hash(scopedKey), Tools: []string{"size"}}))
	check(t, s.task(t, deploymentKey, "server/discover", "", `"x":1`), http.StatusOK, `"extensions":{"io.modelcontextprotocol/tasks":{}}`)
	if got, failure := s.call(t, deploymentKey, "brief", "{}"); got["text"] != "hello" {
		t.Errorf("a client that waits: %v %s", got, failure)
	}
	id := s.startTask(t, deploymentKey, "once")
	get := `"taskId":"` + id + `"`
	check(t, s.task(t, laterKey, "tasks/get", id, get), http.StatusBadRequest, `"code":-32602`)
	check(t, s.task(t, laterKey, "tasks/cancel", id, get), http.StatusBadRequest, `"code":-32602`)
	check(t, s.task(t, scopedKey, "tools/call", "brief", `"name":"brief","arguments":{}`), http.StatusBadRequest, `"code":-32602`)
	check(t, s.task(t, deploymentKey, "tasks/get", id, get), http.StatusOK, `"status":"working"`)
	// The tool "job" reads the same job.
	if _, failure := s.call(t, laterKey, "job", `{"id":"`+id+`"}`); !strings.Contains(failure, "no job with this id") {
		t.Errorf("another key waits: %s", failure)
	}
	a := s.rpc(t, deploymentKey, "tools/call", `{"name":"job","arguments":{"id":"`+id+`","cancel":true}}`)
	check(t, a, http.StatusOK, "The job was cancelled")
	if got := s.waitForTask(t, deploymentKey, id); !strings.Contains(got, `"status":"cancelled"`) {
		t.Errorf("cancelled: %s", got)
	}
}

// TestJobsOff: without JOBS, the function behind the gateway returns an error that names the
// setting, and the streaming function runs the job within the call.
func TestJobsOff(t *testing.T) {
	t.Parallel()
	if _, failure := start(t, "plain", built.fixtures).call(t, deploymentKey, "brief", "{}"); !strings.Contains(failure, "JOBS=true") {
		t.Errorf("behind the gateway: %q", failure)
	}
	if got, failure := start(t, "stream", built.fixtures).call(t, deploymentKey, "brief", "{}"); got["text"] != "hello" {
		t.Errorf("behind a Function URL: %v %q", got, failure)
	}
}
