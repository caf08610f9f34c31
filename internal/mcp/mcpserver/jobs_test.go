package mcpserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/tool"
)

// jobStore keeps jobs in memory and runs each in a goroutine.
type jobStore struct {
	runner     *mcpserver.JobRunner
	limit      mcpserver.Limit             // of the server
	fails      error                       // of Start
	unreadable error                       // of Get
	reading    func(context.Context) error // is called by Get; nil means that Get takes no time
	cancelling func(id string)             // is called by Cancel first; nil means that nothing happens before it

	mu     sync.Mutex
	jobs   map[string]*mcpjob.Job
	owners map[string]string // key ids by job id
	last   mcpjob.Call       // to Start
}

func (s *jobStore) Start(_ context.Context, call mcpjob.Call) (mcpjob.Job, error) {
	if s.fails != nil {
		return mcpjob.Job{}, s.fails
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = call
	id := "job-" + string(rune('a'+len(s.jobs)))
	job := &mcpjob.Job{ID: id, Tool: call.Tool, Status: mcpjob.Working, CreatedAt: jobTime, UpdatedAt: jobTime, TTL: 24 * time.Hour, Poll: time.Second}
	s.jobs[id], s.owners[id] = job, call.Principal.KeyID
	go func() {
		result, failed := s.runner.Run(context.Background(), call, 1, func(text string) { s.set(id, func(j *mcpjob.Job) { j.Message = text }) })
		s.set(id, func(j *mcpjob.Job) {
			if j.Result, j.Error, j.Status = result, failed, mcpjob.Completed; failed != nil {
				j.Status = mcpjob.Failed
			}
		})
	}()
	return *job, nil
}

// set changes a job that has not ended.
func (s *jobStore) set(id string, change func(*mcpjob.Job)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs[id].Status == mcpjob.Working {
		change(s.jobs[id])
	}
}

func (s *jobStore) Get(ctx context.Context, keyID, id string) (mcpjob.Job, error) {
	if s.reading != nil {
		if err := s.reading(ctx); err != nil {
			return mcpjob.Job{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unreadable != nil {
		return mcpjob.Job{}, s.unreadable
	}
	if s.owners[id] != keyID || s.jobs[id] == nil {
		return mcpjob.Job{}, mcpjob.ErrUnknown
	}
	return *s.jobs[id], nil
}

func (s *jobStore) Cancel(_ context.Context, _, id string) error {
	if s.cancelling != nil {
		s.cancelling(id)
	}
	s.set(id, func(j *mcpjob.Job) { j.Status = mcpjob.Cancelled })
	return nil
}

var jobTime = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

type nap struct {
	Seconds int `json:"seconds" min:"0" max:"600" doc:"how long it takes"`
}

// jobFixtures has a tool and some jobs.
func jobFixtures() tool.Set {
	job := func(name string, fn func(context.Context, nap) (echoed, error)) tool.Tool {
		return tool.NewJob(tool.Info{Name: name, Description: "A fixture."}, fn)
	}
	sleep := func(ctx context.Context, in nap) (echoed, error) {
		tool.JobFrom(ctx).Progress(1, 3, "sleeping")
		p, _ := tool.PrincipalFrom(ctx)
		select {
		case <-time.After(time.Duration(in.Seconds) * time.Second):
		case <-ctx.Done():
			return echoed{}, ctx.Err()
		}
		return echoed{"slept for " + p.KeyID}, nil
	}
	return tool.Set{Tools: []tool.Tool{
		define("echo", func(_ context.Context, in word) (echoed, error) { return echoed(in), nil }),
		job("nap", sleep),
		job("other", sleep),
		job("sorry", func(context.Context, nap) (echoed, error) { return echoed{}, tool.Errorf("try later") }),
		job("broken", func(context.Context, nap) (echoed, error) { return echoed{}, errors.New("s3cret") }),
		job("panics", func(context.Context, nap) (echoed, error) { panic("s3cret") }),
		job("forged", func(context.Context, nap) (echoed, error) { return echoed{}, tool.InvalidParamsf("not mine") }),
		tool.NewJob(tool.Info{Name: "modern", Description: "A fixture.", TasksOnly: true}, sleep),
		tool.NewJob(tool.Info{Name: "careful", Description: "A fixture."}, func(ctx context.Context, _ struct{}) (string, error) {
			agreed, _ := tool.Confirmed(ctx)
			return map[bool]string{true: "agreed", false: "not agreed"}[agreed], nil
		}).Before(func(ctx context.Context, _ mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			if _, answered := tool.Confirmed(ctx); answered {
				return nil, nil
			}
			return tool.Confirm("sure?"), nil
		}),
	}}
}

// newJobRig is a rig for a set with jobs; without a store they are off.
func newJobRig(t testing.TB, store *jobStore, inCall bool) *rig {
	t.Helper()
	set, r := jobFixtures(), &rig{}
	log := slog.New(slog.NewJSONHandler(&r.log, nil))
	o := mcpserver.Options{Name: "fixture", Log: log, JobsInCall: inCall}
	h := mcphttp.Options{Log: log, Streaming: true, Authenticate: func(request *http.Request) (apikey.Principal, error) {
		p, _ := tool.PrincipalFrom(request.Context())
		return p, nil
	}}
	if store != nil {
		var err error
		if store.runner, err = mcpserver.NewJobRunner(log, set); err != nil {
			t.Fatal(err)
		}
		store.jobs, store.owners = map[string]*mcpjob.Job{}, map[string]string{}
		o.Jobs, h.Jobs, o.Limit = store, store, store.limit
	}
	s, err := mcpserver.New(o, set)
	if err != nil {
		t.Fatal(err)
	}
	r.served = mcphttp.New(s, h)
	return r
}

// polls is a request of a client with the Tasks extension.
func polls(caller *apikey.Principal) request {
	return request{caller: caller, meta: map[string]any{"io.modelcontextprotocol/clientCapabilities": map[string]any{
		"elicitation": map[string]any{}, "extensions": map[string]any{mcpjob.Extension: map[string]any{}},
	}}}
}

func callOf(name, arguments string) map[string]any {
	return map[string]any{"name": name, "arguments": json.RawMessage(arguments)}
}

// task sends a request of the extension, whose Mcp-Name header is the id.
func (r *rig) task(t testing.TB, how request, method, id string) (int, string) {
	t.Helper()
	return r.do(t, how, method, map[string]any{"taskId": id, "name": id})
}

// textOf returns the text of a call's result and whether it is a tool error.
func textOf(t testing.TB, body string) (string, bool) {
	t.Helper()
	var message struct {
		Result mcp.CallToolResult `json:"result"`
	}
	if err := json.Unmarshal([]byte(body), &message); err != nil || len(message.Result.Content) != 1 {
		t.Fatalf("response %s: %v, want a result with one content", body, err)
	}
	content, _ := mcp.AsTextContent(message.Result.Content[0])
	return content.Text, message.Result.IsError
}

// A client with the extension gets a task, polls it, and gets the result that the call
// would have had.
func TestTask(t *testing.T) {
	tests := []struct {
		tool, arguments string
		want            string // members of the task when it has ended
	}{
		{"nap", `{"seconds":60}`, `"status":"completed","statusMessage":"1 of 3: sleeping","createdAt":"2026-11-21T12:00:00.000Z","lastUpdatedAt":"2026-11-21T12:00:00.000Z","ttlMs":86400000,"pollIntervalMs":1000,` +
			`"result":{"content":[{"type":"text","text":"{\"word\":\"slept for everyone\"}"}],"resultType":"complete","structuredContent":{"word":"slept for everyone"}}}`},
		{"sorry", `{"seconds":0}`, `"result":{"content":[{"type":"text","text":"try later"}],"isError":true,"resultType":"complete"}}`},
		{"broken", `{"seconds":0}`, `"text":"internal error in tool broken; see the server's log"}],"isError":true`},
		{"panics", `{"seconds":0}`, `"text":"internal error in tool panics; see the server's log"}],"isError":true`},
		{"forged", `{"seconds":0}`, `"status":"failed","createdAt":"2026-11-21T12:00:00.000Z","lastUpdatedAt":"2026-11-21T12:00:00.000Z","ttlMs":86400000,"pollIntervalMs":1000,"error":{"code":-32602,"message":"not mine"}}`},
		{"modern", `{"seconds":1}`, `"status":"completed"`},
	}
	for _, tt := range tests {
		t.Run(tt.tool, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newJobRig(t, &jobStore{}, false)
				status, body := r.do(t, polls(everyone), "tools/call", callOf(tt.tool, tt.arguments))
				want := `{"jsonrpc":"2.0","id":1,"result":{"resultType":"task","taskId":"job-a","status":"working","createdAt":"2026-11-21T12:00:00.000Z","lastUpdatedAt":"2026-11-21T12:00:00.000Z","ttlMs":86400000,"pollIntervalMs":1000}}`
				if status != 200 || body != want {
					t.Fatalf("got  %d %s\nwant %s", status, body, want)
				}
				time.Sleep(2 * time.Minute)
				if status, body = r.task(t, polls(everyone), "tasks/get", "job-a"); status != 200 || !strings.Contains(body, tt.want) || strings.Contains(body, "s3cret") {
					t.Errorf("got  %d %s\nwant … %s", status, body, tt.want)
				}
				if !strings.Contains(body, `"resultType":"complete","taskId":"job-a"`) {
					t.Errorf("tasks/get: %s, want a complete result", body)
				}
			})
		})
	}
}

// The requirements of the extension on its requests, and the ownership of tasks.
func TestTaskRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newJobRig(t, &jobStore{}, false)
		r.do(t, polls(everyone), "tools/call", callOf("nap", `{"seconds":60}`))
		stranger := &apikey.Principal{KeyID: "stranger"}
		reduced := &apikey.Principal{KeyID: "everyone", Tools: []string{"echo", "other"}}
		expired := &apikey.Principal{KeyID: "everyone", Expires: time.Unix(1, 0)}
		const unknown = `"error":{"code":-32602,"message":"no such task"}`
		for _, method := range []string{"tasks/get", "tasks/update", "tasks/cancel"} {
			for _, tt := range []struct {
				name   string
				how    request
				id     string
				params map[string]any // nil means the parameters of a correct request
				status int
				want   string
			}{
				{"unknown id", polls(everyone), "job-b", nil, 400, unknown},
				{"no id", polls(everyone), "", map[string]any{}, 400, unknown},
				{"another key's", polls(stranger), "job-a", nil, 400, unknown},
				{"out of scope", polls(reduced), "job-a", nil, 400, unknown},
				{"expired key", polls(expired), "job-a", nil, 403, `{"message":"Forbidden"}`},
				{"not declared", request{caller: everyone}, "job-a", nil, 400, `"error":{"code":-32021,"message":"missing required client capability: the extension io.modelcontextprotocol/tasks","data":{"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}}`},
				{"not declared, unknown id", request{caller: everyone}, "job-b", nil, 400, `"code":-32021`},
				{"other name", polls(everyone), "", map[string]any{"taskId": "job-a", "name": "job-b"}, 400, `"error":{"code":-32020,"message":"Mcp-Name does not match the body"}`},
				{"no name", polls(everyone), "", map[string]any{"taskId": "job-a"}, 400, `"code":-32020`},
				{"id is a number", polls(everyone), "", map[string]any{"taskId": 1}, 400, `"code":-32602,"message":"the params do not match`},
				{"older protocol", request{caller: everyone, legacy: true}, "job-a", nil, 200, `"code":-32601`},
			} {
				params := tt.params
				if params == nil {
					params = map[string]any{"taskId": tt.id, "name": tt.id}
				}
				if status, body := r.do(t, tt.how, method, params); status != tt.status || !strings.Contains(body, tt.want) {
					t.Errorf("%s, %s: got  %d %s\nwant %d … %s", method, tt.name, status, body, tt.status, tt.want)
				}
			}
		}
		const working, acknowledged = `"status":"working"`, `{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete"}}`
		for _, step := range []struct{ method, want string }{
			{"tasks/get", working},
			{"tasks/update", acknowledged},
			{"tasks/cancel", acknowledged},
			{"tasks/get", `"status":"cancelled"`},
			{"tasks/cancel", acknowledged},
			{"tasks/update", acknowledged},
		} {
			if status, body := r.task(t, polls(everyone), step.method, "job-a"); status != 200 || !strings.Contains(body, step.want) {
				t.Errorf("%s: %d %s, want %s", step.method, status, body, step.want)
			}
		}
		for _, want := range []string{
			`"method":"tasks/get","outcome":"ok","tool":"nap","keyId":"everyone","protocolVersion":"2026-07-28","durationMs":`,
			`"method":"tasks/get","outcome":"not found or not allowed","keyId":"stranger"`,
			`"method":"tasks/cancel","outcome":"rejected","keyId":"everyone"`,
		} {
			if !strings.Contains(r.log.String(), want) {
				t.Errorf("the log has no %s:\n%s", want, &r.log)
			}
		}
		time.Sleep(time.Hour)
	})
}

// The method and version headers of the extension's requests are also checked.
func TestTaskHeaders(t *testing.T) {
	r := newJobRig(t, &jobStore{}, false)
	const body = `{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"x","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}`
	for name, header := range map[string]map[string]string{
		`"code":-32020,"message":"Mcp-Method does not match`: {"Mcp-Method": "tools/call"},
		`"code":-32602,"message":"missing or invalid _meta`:  {"Mcp-Method": "tasks/get"},
	} {
		w := r.raw(t, body, header)
		if !strings.Contains(w, name) {
			t.Errorf("headers %v: %s, want %s", header, w, name)
		}
	}
	if got := r.raw(t, strings.Replace(body, "2026-07-28", "2025-11-25", 1), map[string]string{"Mcp-Method": "tasks/get"}); !strings.Contains(got, `"code":-32020,"message":"Mcp-Protocol-Version does not match`) {
		t.Errorf("two versions: %s", got)
	}
}

// raw sends a body of 2026-07-28 with more headers.
func (r *rig) raw(t testing.TB, body string, header map[string]string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(tool.WithPrincipal(t.Context(), *everyone), http.MethodPost, "/mcp", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Mcp-Protocol-Version": "2026-07-28"} {
		req.Header.Set(name, value)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	w := &written{header: http.Header{}}
	r.served.ServeHTTP(w, req)
	return w.body.String()
}

// written is a response that does not stream.
type written struct {
	header http.Header
	body   bytes.Buffer
}

func (w *written) Header() http.Header         { return w.header }
func (w *written) WriteHeader(int)             {}
func (w *written) Write(p []byte) (int, error) { return w.body.Write(p) }

// slowestPoll is the longest interval at which a call polls its job.
const slowestPoll = time.Second

// A client without the extension waits in calls: in the call that starts the job, and in
// calls of the tool "job".
func TestWaitForJob(t *testing.T) {
	for _, how := range []request{{caller: everyone}, {caller: everyone, legacy: true}} {
		synctest.Test(t, func(t *testing.T) {
			r := newJobRig(t, &jobStore{}, false)
			call := func(name, arguments, want string, isError bool, took time.Duration) {
				t.Helper()
				start := time.Now()
				_, body := r.do(t, how, "tools/call", callOf(name, arguments))
				text, failed := textOf(t, body)
				if how.legacy && strings.Contains(body, "resultType") {
					t.Errorf("%s %s: %s has a member of 2026-07-28", name, arguments, body)
				}
				if text != want || failed != isError || time.Since(start) < took || time.Since(start) > took+slowestPoll {
					t.Errorf("%s %s: got %q, %v after %v\nwant %q after %v", name, arguments, text, failed, time.Since(start), want, took)
				}
			}
			const running = `The job is still running; this is not its result. Its last report: 1 of 3: sleeping. Call the tool "job" with the id "job-a" to wait for the result, or with cancel set to true to cancel it.`
			call("nap", `{"seconds":50}`, running, false, 20*time.Second)
			call("job", `{"id":"job-a"}`, running, false, 20*time.Second)
			call("job", `{"id":"job-a"}`, `{"word":"slept for everyone"}`, false, 10*time.Second)
			call("job", `{"id":"job-a"}`, `{"word":"slept for everyone"}`, false, 0)
			call("job", `{"id":"job-a","cancel":true}`, `{"word":"slept for everyone"}`, false, 0)
			call("nap", `{"seconds":2}`, `{"word":"slept for everyone"}`, false, 2*time.Second)
			call("nap", `{"seconds":-1}`, `seconds must be a whole number from 0 to 600, got -1`, true, 0)
			call("sorry", `{"seconds":0}`, "try later", true, 0)
			call("forged", `{"seconds":0}`, "the job failed: not mine", true, 0)
			call("nap", `{"seconds":500}`, strings.ReplaceAll(running, "job-a", "job-e"), false, 20*time.Second)
			call("job", `{"id":"job-e","cancel":true}`, "The job was cancelled. What it had done before remains.", false, 0)
			call("job", `{"id":"job-e"}`, "the job was cancelled", true, 0)
			call("job", `{"id":"job-z"}`, "there is no job with this id; jobs are kept for a day", true, 0)
			if _, body := r.do(t, how, "tools/call", callOf("modern", `{"seconds":0}`)); !strings.Contains(body, `"code":-32021`) || !strings.Contains(body, `{"extensions":{"io.modelcontextprotocol/tasks":{}}}`) {
				t.Errorf("a job for the extension only: %s, want the error -32021", body)
			}
			time.Sleep(time.Hour)
		})
	}
}

// The tool "job" reaches only jobs of the same key and within its scope.
func TestJobScope(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newJobRig(t, &jobStore{}, false)
		r.do(t, request{caller: everyone}, "tools/call", callOf("nap", `{"seconds":100}`))
		for _, p := range []*apikey.Principal{{KeyID: "stranger"}, {KeyID: "everyone", Tools: []string{"other"}}} {
			_, body := r.do(t, request{caller: p}, "tools/call", callOf("job", `{"id":"job-a","cancel":true}`))
			if text, isError := textOf(t, body); !isError || !strings.Contains(text, "there is no job with this id") {
				t.Errorf("%+v: %s", p, body)
			}
		}
		if _, body := r.task(t, polls(everyone), "tasks/get", "job-a"); !strings.Contains(body, `"working"`) {
			t.Errorf("the job was cancelled: %s", body)
		}
		time.Sleep(time.Hour)
	})
}

// The tool "job" is listed only for clients that need it.
func TestJobToolList(t *testing.T) {
	const all = "broken careful echo forged modern nap other panics sorry"
	tests := []struct {
		name  string
		store *jobStore
		how   request
		want  string
	}{
		{"waits", &jobStore{}, request{caller: everyone}, "broken careful echo forged job modern nap other panics sorry"},
		{"waits, older protocol", &jobStore{}, request{caller: everyone, legacy: true}, "broken careful echo forged job modern nap other panics sorry"},
		{"polls", &jobStore{}, polls(everyone), all},
		{"no job in scope", &jobStore{}, request{caller: &apikey.Principal{KeyID: "k", Tools: []string{"echo"}}}, "echo"},
		{"one job in scope", &jobStore{}, request{caller: &apikey.Principal{KeyID: "k", Tools: []string{"nap"}}}, "job nap"},
		{"off", nil, request{caller: everyone}, all},
	}
	for _, tt := range tests {
		r := newJobRig(t, tt.store, false)
		_, body := r.do(t, tt.how, "tools/list", nil)
		var names []string
		list, _ := result(t, body)["tools"].([]any)
		for _, item := range list {
			definition, _ := item.(map[string]any)
			names = append(names, definition["name"].(string))
			if definition["name"] == "nap" && definition["outputSchema"] != nil {
				t.Errorf("%s: a job has an output schema, which its first result may not match", tt.name)
			}
		}
		if diff := cmp.Diff(tt.want, strings.Join(names, " ")); diff != "" {
			t.Errorf("%s: tools (-want +got):\n%s", tt.name, diff)
		}
		hidden := !strings.Contains(" "+tt.want+" ", " job ")
		if _, body := r.do(t, tt.how, "tools/call", callOf("job", `{"id":"x"}`)); hidden != strings.Contains(body, `"code":-32602`) {
			t.Errorf("%s: call of job: %s, want unknown: %v", tt.name, body, hidden)
		}
	}
}

// Without a store, jobs run in their call, or the call returns an error that names the
// missing setting. The extension is advertised only with a store.
func TestJobsOff(t *testing.T) {
	for _, tt := range []struct {
		name   string
		store  *jobStore
		inCall bool
		want   string
		tasks  bool
	}{
		{"off", nil, false, "JOBS=true", false},
		{"in the call", nil, true, "slept for everyone", false},
		{"on", &jobStore{}, true, `"resultType":"task"`, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := newJobRig(t, tt.store, tt.inCall)
			if _, body := r.do(t, polls(everyone), "tools/call", callOf("nap", `{"seconds":25}`)); !strings.Contains(body, tt.want) {
				t.Errorf("%s: %s, want %q", tt.name, body, tt.want)
			}
			if _, body := r.do(t, polls(everyone), "server/discover", nil); strings.Contains(body, `"extensions":{"io.modelcontextprotocol/tasks":{}}`) != tt.tasks {
				t.Errorf("%s: %s, want the extension: %v", tt.name, body, tt.tasks)
			}
			if status, body := r.task(t, polls(everyone), "tasks/get", "x"); strings.Contains(body, "-32601") == tt.tasks {
				t.Errorf("%s: tasks/get: %d %s, want an unknown method: %v", tt.name, status, body, !tt.tasks)
			}
			time.Sleep(time.Hour)
		})
	}
}

// A job that asks the user first starts with the call that contains the response.
func TestJobAfterConfirmation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &jobStore{}
		r := newJobRig(t, store, false)
		_, body := r.do(t, polls(everyone), "tools/call", callOf("careful", `{}`))
		if !strings.Contains(body, `"resultType":"input_required"`) || strings.Contains(body, "taskId") {
			t.Fatalf("first call: %s, want a request to the user and no task", body)
		}
		again := callOf("careful", `{}`)
		again["inputResponses"] = json.RawMessage(`{"confirm":{"action":"accept","content":{"confirm":true}}}`)
		if _, body = r.do(t, polls(everyone), "tools/call", again); !strings.Contains(body, `"taskId":"job-a"`) {
			t.Fatalf("second call: %s, want a task", body)
		}
		if last := store.last; last.Tool != "careful" || string(last.Arguments) != "{}" || !strings.Contains(string(last.InputResponses), `"accept"`) || last.Principal.KeyID != "everyone" {
			t.Errorf("stored %+v", last)
		}
		if r.do(t, polls(everyone), "tools/call", callOf("nap", `{"seconds":1}`)); store.last.InputResponses != nil {
			t.Errorf("a call without responses has %s", store.last.InputResponses)
		}
		time.Sleep(time.Minute)
		if _, body = r.task(t, polls(everyone), "tasks/get", "job-a"); !strings.Contains(body, `"text":"agreed"`) {
			t.Errorf("the job did not see the response: %s", body)
		}
	})
}

// If a job cannot be stored, the response is an error and not a task.
func TestJobNotStored(t *testing.T) {
	for _, tt := range []struct {
		fails error
		want  string
	}{
		{errors.New("table s3cret is gone"), "internal error in tool nap; see the server's log"},
		{tool.Errorf("the arguments are too large"), "the arguments are too large"},
	} {
		r := newJobRig(t, &jobStore{fails: tt.fails}, false)
		_, body := r.do(t, polls(everyone), "tools/call", callOf("nap", `{"seconds":1}`))
		if text, isError := textOf(t, body); !isError || text != tt.want {
			t.Errorf("%v: %s, want the tool error %q", tt.fails, body, tt.want)
		}
	}
}

// A set with jobs cannot have a tool with the reserved name.
func TestJobNameIsReserved(t *testing.T) {
	set := jobFixtures()
	set.Tools = append(set.Tools, define("job", func(context.Context, struct{}) (string, error) { return "", nil }))
	if _, err := mcpserver.New(mcpserver.Options{Name: "x"}, set); err == nil || !strings.Contains(err.Error(), "rename it") {
		t.Errorf("error %v, want the reserved name", err)
	}
}

// A job that returns because its context has ended is not an internal error.
func TestStoppedJob(t *testing.T) {
	var log bytes.Buffer
	runner, err := mcpserver.NewJobRunner(slog.New(slog.NewJSONHandler(&log, nil)), jobFixtures())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result, failed := runner.Run(ctx, mcpjob.Call{Tool: "nap", Arguments: json.RawMessage(`{"seconds":60}`)}, 1, func(string) {})
	if failed != nil || !strings.Contains(string(result), "the job was stopped") || log.Len() > 0 {
		t.Errorf("result %s, %v, log %s", result, failed, &log)
	}
	if _, failed = runner.Run(t.Context(), mcpjob.Call{Tool: "gone"}, 1, nil); failed == nil || failed.Code != mcp.INVALID_PARAMS {
		t.Errorf("a job whose tool was removed: %+v, want an error", failed)
	}
}

// Waiting for a job does not count against the limits of a key, because a long job would
// use them up.
func TestWaitingIsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counted := 0
		r := newJobRig(t, &jobStore{limit: func(context.Context, apikey.Principal) *mcpserver.Refusal { counted++; return nil }}, false)
		r.do(t, request{caller: everyone}, "tools/call", callOf("nap", `{"seconds":50}`))
		for range 2 {
			r.do(t, request{caller: everyone}, "tools/call", callOf("job", `{"id":"job-a"}`))
		}
		if counted != 1 {
			t.Errorf("%d calls were counted, want that of the job", counted)
		}
		time.Sleep(time.Hour)
	})
}
