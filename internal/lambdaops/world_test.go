package lambdaops

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/retry"
	"serverless-mcp/internal/lambdaops/runtimes"
	"serverless-mcp/internal/tool"
)

var today = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// world has the tools, with the real SDK and a fake Lambda.
type world struct {
	ops *Ops
	aws *awsfake.Lambda

	mu    sync.Mutex
	calls map[string]int
}

func newWorld(t *testing.T, o awsfake.LambdaOptions, functions ...awsfake.LambdaFunction) *world {
	t.Helper()
	w := &world{calls: map[string]int{}}
	now := today
	o.Region = "eu-central-1"
	o.Now = func() time.Time { return now }
	o.Called = func(op, _ string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calls[op]++
	}
	w.aws = awsfake.NewLambda(o, functions...)
	srv := httptest.NewServer(w.aws)
	t.Cleanup(srv.Close)
	reader, err := runtimes.NewReader(runtimes.Options{
		URL: srv.URL + "/no/such/page", HTTP: http.DefaultClient, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.ops = New(Options{
		Lambda: lambda.New(lambda.Options{
			Region: "eu-central-1", BaseEndpoint: &srv.URL, Retryer: impatient(), HTTPClient: patient{},
			Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		}),
		Runtimes: reader,
		Journal:  journal.Dir{Path: filepath.Join(t.TempDir(), "operations"), Now: func() time.Time { return now }},
		Now:      func() time.Time { return now },
		Sleep:    func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil },
	})
	return w
}

// patient is an HTTP client that reads a request's whole body before it sends the request.
// A server on this machine may respond before net/http has finished reading the body; the
// SDK then closes the body, and the connection breaks. Over a network this does not happen,
// so the program does not need it.
type patient struct{}

// Do implements aws.HTTPClient.
func (patient) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return http.DefaultClient.Do(r)
}

// impatient is the program's retryer without pauses.
func impatient() aws.Retryer {
	return retry.WithCallback(awsretry.NewStandard(func(o *awsretry.StandardOptions) {
		o.Backoff = awsretry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	}))
}

// call calls a tool and decodes its structured result into out. text is the result's first
// text, which is the message if the call failed.
func (w *world) call(t *testing.T, name string, arguments map[string]any, out any) (text string, isError bool) {
	t.Helper()
	request := mcp.CallToolRequest{}
	request.Params.Name, request.Params.Arguments = name, arguments
	result, err := w.tool(t, name).Handle(t.Context(), request)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(result.Content) > 0 {
		if c, ok := result.Content[0].(mcp.TextContent); ok {
			text = c.Text
		}
	}
	if out != nil && result.StructuredContent != nil {
		data, err := json.Marshal(result.StructuredContent)
		if err == nil {
			err = json.Unmarshal(data, out)
		}
		if err != nil {
			t.Fatalf("%s: decode the result: %v", name, err)
		}
	}
	return text, result.IsError
}

func (w *world) tool(t *testing.T, name string) tool.Tool {
	t.Helper()
	for _, tl := range w.ops.Set().Tools {
		if tl.Definition().Name == name {
			return tl
		}
	}
	t.Fatalf("there is no tool %s", name)
	return tool.Tool{}
}

func function(name, runtime string) awsfake.LambdaFunction {
	return awsfake.LambdaFunction{Config: awsfake.LambdaConfig{FunctionName: name, Runtime: runtime, Handler: "index.handler"}}
}

func TestSet(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{})
	names := func(s tool.Set) string {
		var list []string
		for _, tl := range s.Tools {
			list = append(list, tl.Definition().Name)
		}
		for _, p := range s.Prompts {
			list = append(list, p.Definition().Name)
		}
		return strings.Join(list, " ")
	}
	all := w.ops.Set()
	if err := all.Check(); err != nil {
		t.Fatal(err)
	}
	if got, want := names(all), "get_runtimes_info list_functions get_function invoke_function upgrade_runtime rollback_runtime upgrade_deprecated_functions"; got != want {
		t.Errorf("offers %s, want %s", got, want)
	}
	w.ops.o.ReadOnly = true
	readOnly := w.ops.Set()
	if got, want := names(readOnly), "get_runtimes_info list_functions get_function"; got != want {
		t.Errorf("read-only offers %s, want %s", got, want)
	}
	for _, tl := range readOnly.Tools {
		if a := tl.Definition().Annotations; !*a.ReadOnlyHint {
			t.Errorf("read-only offers %s, which changes something", tl.Definition().Name)
		}
	}
	for _, tl := range all.Tools[3:] {
		if a := tl.Definition().Annotations; *a.ReadOnlyHint || !*a.DestructiveHint {
			t.Errorf("%s is not marked as destructive", tl.Definition().Name)
		}
	}
}
