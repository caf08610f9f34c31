package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/mcp/mcpjob"
)

const tableName = "jobs"

// world is a table with a service in front of it. The SDK's client calls the fake table in
// the goroutine of its caller, so that both work in a synctest bubble.
type world struct {
	db      *awsfake.DynamoDB
	service *Service
	log     bytes.Buffer // of the service and of all workers

	mu     sync.Mutex
	events []string               // ids in the order in which they were sent
	invoke func(id string) error  // nil means that events are only recorded
	finals map[string]int         // writes of a final state, by job
	fail   func(op string) *fault // nil means no faults
	starts map[string]int         // runs of the tool, by job label
}

// fault makes one request fail. lost means that the request takes effect and only its
// response is lost.
type fault struct{ lost bool }

func newWorld() *world {
	w := &world{finals: map[string]int{}, starts: map[string]int{}}
	w.db = awsfake.NewDynamoDB(awsfake.Options{})
	w.db.Create(awsfake.Table{Name: tableName, Key: awsfake.Key{Partition: awsfake.KeyAttribute{Name: attrID}}, TTL: attrExpires})
	w.service = New(Options{Table: w.client(nil), Name: tableName, Invoke: w.send, Log: w.logger()})
	return w
}

func (w *world) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(lockedWriter{w}, nil))
}

type lockedWriter struct{ w *world }

func (l lockedWriter) Write(p []byte) (int, error) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	return l.w.log.Write(p)
}

// send records an event, and delivers it if w.invoke is set.
func (w *world) send(_ context.Context, id string) error {
	w.mu.Lock()
	w.events = append(w.events, id)
	invoke := w.invoke
	w.mu.Unlock()
	if invoke == nil {
		return nil
	}
	return invoke(id)
}

func (w *world) sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.events)
}

// errKilled is the error of a request whose process was killed or cannot reach the table.
var errKilled = errors.New("killed")

// client returns the SDK's client. allow is called before and after each request takes
// effect; false makes the request fail. nil allows all.
func (w *world) client(allow func(op string, done bool) bool) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		BaseEndpoint: aws.String("http://dynamodb.test"),
		HTTPClient: roundTripper(func(r *http.Request) (*http.Response, error) {
			_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
			w.mu.Lock()
			var f *fault
			if w.fail != nil {
				f = w.fail(op)
			}
			w.mu.Unlock()
			if allow != nil && !allow(op, false) || f != nil && !f.lost {
				return nil, errKilled
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			recorder := httptest.NewRecorder()
			w.db.ServeHTTP(recorder, r)
			w.note(op, body, recorder.Code)
			if allow != nil && !allow(op, true) || f != nil {
				return nil, errKilled
			}
			return recorder.Result(), nil
		}),
	})
}

// note counts the writes of final states.
func (w *world) note(op string, body []byte, status int) {
	var put struct {
		Item map[string]struct{ S string }
	}
	if op != "PutItem" || status != http.StatusOK || json.Unmarshal(body, &put) != nil || put.Item["status"].S == string(mcpjob.Working) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finals[put.Item[attrID].S]++
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) Do(r *http.Request) (*http.Response, error) { return f(r) }

// arguments are the arguments of the tool that [world.run] implements.
type arguments struct {
	Label string
	Sleep time.Duration
	Size  int  // of the result's text
	Fail  bool // with a JSON-RPC error
	Deaf  bool // ignores its context
}

// run is a tool that sleeps and reports its progress.
func (w *world) run(ctx context.Context, call mcpjob.Call, attempt int, report func(string)) (json.RawMessage, *mcpjob.Error) {
	var in arguments
	if err := json.Unmarshal(call.Arguments, &in); err != nil {
		return nil, &mcpjob.Error{Code: -32602, Message: err.Error()}
	}
	w.mu.Lock()
	w.starts[in.Label]++
	w.mu.Unlock()
	report("half done by " + call.Principal.KeyID)
	done := ctx.Done()
	if in.Deaf {
		done = nil
	}
	select {
	case <-time.After(in.Sleep):
	case <-done:
		return toolError("stopped"), nil
	}
	if in.Fail {
		return nil, &mcpjob.Error{Code: -32602, Message: "not mine"}
	}
	text, _ := json.Marshal(map[string]any{"content": []any{}, "text": strings.Repeat("x", in.Size), "attempt": attempt})
	return text, nil
}

// worker returns a worker whose client calls allow, see [world.client].
func (w *world) worker(allow func(op string, done bool) bool) *Worker {
	return NewWorker(WorkerOptions{Table: w.client(allow), Name: tableName, Run: w.run, Log: w.logger()})
}

// handle delivers an event to a worker as Lambda does, with a deadline.
func (w *world) handle(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	return w.worker(nil).Handle(ctx, Event{id})
}

var owner = apikey.Principal{KeyID: "ci", Tools: []string{"sleep"}, Expires: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}

// start starts a job.
func (w *world) start(t testing.TB, in arguments, idempotent bool) string {
	t.Helper()
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	job, err := w.service.Start(t.Context(), mcpjob.Call{Tool: "sleep", Arguments: text, Principal: owner, Idempotent: idempotent})
	if err != nil {
		t.Fatal(err)
	}
	return job.ID
}

// get returns a job as its owner sees it.
func (w *world) get(t testing.TB, id string) mcpjob.Job {
	t.Helper()
	job, err := w.service.Get(t.Context(), owner.KeyID, id)
	if err != nil {
		t.Fatal(err)
	}
	return job
}
