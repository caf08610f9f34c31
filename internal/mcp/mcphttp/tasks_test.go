package mcphttp_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/mcp/mcpserver"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/internal/tool"
)

// oneJob is a service with one job, "j", of the key "ci".
type oneJob struct {
	job       mcpjob.Job
	err       error // of Get
	cancelled int
}

func (s *oneJob) Start(context.Context, mcpjob.Call) (mcpjob.Job, error) { return s.job, nil }

func (s *oneJob) Get(_ context.Context, keyID, id string) (mcpjob.Job, error) {
	if keyID != "ci" || id != "j" {
		return mcpjob.Job{}, mcpjob.ErrUnknown
	}
	return s.job, s.err
}

func (s *oneJob) Cancel(context.Context, string, string) error {
	s.cancelled++
	return nil
}

// TestTaskRequests: requests of the Tasks extension, their faults, and the outcome in the
// log.
func TestTaskRequests(t *testing.T) {
	const declared = `"io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}`
	const ofVersion = `"io.modelcontextprotocol/protocolVersion":"2026-07-28",`
	long := strings.Repeat("x", 3000)
	for name, test := range map[string]struct {
		method, meta string
		id           string // in the header and the params
		headers      []string
		tools        []string // of the key; nil means all
		err          error
		message      string
		status       int
		want         string // part of the response
		outcome      string
		cancelled    int
	}{
		"get":                {"tasks/get", ofVersion + declared, "j", nil, nil, nil, "half", 200, `"status":"working","statusMessage":"half"`, "ok", 0},
		"cancel":             {"tasks/cancel", ofVersion + declared, "j", nil, nil, nil, "", 200, `"result":{"resultType":"complete"}`, "ok", 1},
		"update":             {"tasks/update", ofVersion + declared, "j", nil, nil, nil, "", 200, `"result":{"resultType":"complete"}`, "ok", 0},
		"another":            {"tasks/list", ofVersion + declared, "j", nil, nil, nil, "", 404, `-32601`, "unsupported", 0},
		"unknown":            {"tasks/get", ofVersion + declared, "k", nil, nil, nil, "", 400, `-32602,"message":"no such task"`, "not found or not allowed", 0},
		"cancel, unknown":    {"tasks/cancel", ofVersion + declared, "k", nil, nil, nil, "", 400, `no such task`, "not found or not allowed", 0},
		"scope reduced":      {"tasks/cancel", ofVersion + declared, "j", nil, []string{"other"}, nil, "", 400, `no such task`, "not found or not allowed", 0},
		"failing":            {"tasks/get", ofVersion + declared, "j", nil, nil, errors.New("hunter2"), "", 200, `-32603,"message":"internal error; see the server's log"`, "error", 0},
		"not declared":       {"tasks/get", ofVersion + `"io.modelcontextprotocol/clientCapabilities":{}`, "j", nil, nil, nil, "", 400, `-32021`, "rejected", 0},
		"no capabilities":    {"tasks/get", strings.TrimSuffix(ofVersion, ","), "j", nil, nil, nil, "", 400, `-32602,"message":"missing or invalid _meta field io.modelcontextprotocol/clientCapabilities"`, "not found or not allowed", 0},
		"no version":         {"tasks/get", declared, "j", nil, nil, nil, "", 400, `-32602,"message":"missing or invalid _meta field io.modelcontextprotocol/protocolVersion"`, "not found or not allowed", 0},
		"another version":    {"tasks/get", strings.Replace(ofVersion, "2026-07-28", "2025-11-25", 1) + declared, "j", nil, nil, nil, "", 400, `Mcp-Protocol-Version does not match the body`, "rejected", 0},
		"another method":     {"tasks/get", ofVersion + declared, "j", []string{"Mcp-Method", "tasks/cancel"}, nil, nil, "", 400, `Mcp-Method does not match the body`, "rejected", 0},
		"another name":       {"tasks/get", ofVersion + declared, "j", []string{"Mcp-Name", "k"}, nil, nil, "", 400, `Mcp-Name does not match the body`, "rejected", 0},
		"a name half base64": {"tasks/get", ofVersion + declared, "j", []string{"Mcp-Name", "=?base64?!?="}, nil, nil, "", 400, `Mcp-Name does not match the body`, "rejected", 0},
		"too large":          {"tasks/get", ofVersion + declared, "j", nil, nil, nil, long, 200, `too large`, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			service := &oneJob{job: mcpjob.Job{ID: "j", Tool: "echo", Status: mcpjob.Working, Message: test.message, TTL: time.Hour}, err: test.err}
			h, _ := newHandlerWith(served(t), logged(&log), func(o *mcphttp.Options) {
				o.Jobs, o.MaxResponse = service, 2000
				o.Authenticate = func(*http.Request) (apikey.Principal, error) {
					return apikey.Principal{KeyID: "ci", Tools: test.tools}, nil
				}
			})
			body := `{"jsonrpc":"2.0","id":1,"method":"` + test.method + `","params":{"taskId":"` + test.id + `","_meta":{` + test.meta + `}}}`
			w := post(h, body, append([]string{"Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", test.method, "Mcp-Name", test.id}, test.headers...)...)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) || strings.Contains(w.Body.String(), "hunter2") || w.Body.Len() > 2000 {
				t.Errorf("%d %.500s, want %d with %s", w.Code, w.Body, test.status, test.want)
			}
			if service.cancelled != test.cancelled {
				t.Errorf("cancelled %d times, want %d", service.cancelled, test.cancelled)
			}
			all := lines(t, &log)
			line := all[len(all)-1]
			if test.outcome != "" && line["outcome"] != test.outcome {
				t.Errorf("outcome %v, want %q", line["outcome"], test.outcome)
			}
			if found := test.outcome == "ok"; (line["tool"] == "echo") != found && test.err == nil && test.outcome != "" {
				t.Errorf("the line is %v", line)
			}
		})
	}
}

// A client that disconnects while its task is read is no error of the server.
func TestTaskOfDisconnectedClient(t *testing.T) {
	var log bytes.Buffer
	ctx, disconnect := context.WithCancel(t.Context())
	disconnect()
	h, _ := newHandlerWith(served(t), logged(&log), func(o *mcphttp.Options) { o.Jobs = &oneJob{err: ctx.Err()} })
	body, headers := rpc.Modern("1", "tasks/get", `"taskId":"j"`, "Mcp-Name", "j")
	body = strings.Replace(body, `clientCapabilities":{}`, `clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}`, 1)
	r := httptest.NewRequestWithContext(ctx, "POST", "/mcp", strings.NewReader(body))
	rpc.SetHeaders(r.Header, headers...)
	h.ServeHTTP(httptest.NewRecorder(), r)
	if all := lines(t, &log); len(all) != 1 || all[0]["outcome"] != "disconnected" {
		t.Errorf("logged %v, want one line with the outcome disconnected", all)
	}
}

// A request of 2025 and a notification with these method names do not belong to the extension.
func TestNoTaskRequests(t *testing.T) {
	service := &oneJob{job: mcpjob.Job{ID: "j", Tool: "echo", Status: mcpjob.Working}}
	h, _ := newHandlerWith(served(t), func(o *mcphttp.Options) { o.Jobs = service })
	check(t, post(h, `{"jsonrpc":"2.0","id":1,"method":"tasks/cancel","params":{"taskId":"j"}}`), 200, rpc.Error("1", "-32601", "tasks not supported"))
	post(h, `{"jsonrpc":"2.0","method":"tasks/cancel","params":{"taskId":"j"}}`, "Mcp-Protocol-Version", "2026-07-28")
	if service.cancelled != 0 {
		t.Error("the job was cancelled")
	}
	h, _ = newHandlerWith(served(t)) // without jobs
	body, headers := rpc.Modern("1", "tasks/get", `"taskId":"j"`, "Mcp-Name", "j")
	if w := post(h, body, headers...); w.Code != 404 || !strings.Contains(w.Body.String(), `"code":-32601`) {
		t.Errorf("without jobs: %d %s, want an unknown method", w.Code, w.Body)
	}
}

// A task is the response to the call that started it, with the id as the client sent it.
func TestStartedTask(t *testing.T) {
	service := &oneJob{job: mcpjob.Job{ID: "j", Tool: "work", Status: mcpjob.Working, TTL: time.Hour}}
	s, err := mcpserver.New(mcpserver.Options{Name: "fixture", Jobs: service}, tool.Set{Tools: []tool.Tool{
		tool.NewJob(tool.Info{Name: "work", Description: "For tests."}, func(context.Context, struct{}) (string, error) { return "done", nil }),
	}})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := newHandlerWith(s, func(o *mcphttp.Options) { o.Jobs = service })
	for _, id := range []string{"1", "1E2", "9007199254740993", `"a"`, `"a<b&c"`, `"\u0041"`} {
		body, headers := rpc.ModernCall(id, "work", "{}")
		body = strings.Replace(body, `clientCapabilities":{}`, `clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}`, 1)
		check(t, post(h, body, headers...), 200, `{"jsonrpc":"2.0","id":`+id+`,"result":{"resultType":"task","taskId":"j","status":"working",…`)
	}
}
