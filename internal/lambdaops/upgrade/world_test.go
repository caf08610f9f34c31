package upgrade

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/runtimes"
)

// world is a fake account with the real SDK, and a clock that advances only when the
// upgrader sleeps.
type world struct {
	*Upgrader
	aws   *awsfake.Lambda
	steps []string
	now   time.Time

	mu    sync.Mutex
	calls []string // operations, in order
}

// today is a day on which nodejs18.x is deprecated and AWS still accepts it.
var today = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// blocked is a day on which AWS rejects nodejs18.x.
var blocked = time.Date(2027, 3, 4, 12, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, now time.Time, o awsfake.LambdaOptions, functions ...awsfake.LambdaFunction) *world {
	t.Helper()
	w := &world{now: now}
	o.Region = "eu-central-1"
	o.Now = w.clock
	o.Called = func(op, _ string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calls = append(w.calls, op)
	}
	if !now.Before(blocked) {
		o.Blocked = []string{"nodejs18.x"}
	}
	w.aws = awsfake.NewLambda(o, functions...)
	srv := httptest.NewServer(w.aws)
	t.Cleanup(srv.Close)
	table, err := runtimes.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w.Upgrader = New(Options{
		Lambda: lambda.New(lambda.Options{
			Region: "eu-central-1", BaseEndpoint: &srv.URL, Retryer: aws.NopRetryer{},
			Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		}),
		Journal: journal.Dir{Path: filepath.Join(t.TempDir(), "operations"), Now: w.clock},
		Table:   func(context.Context) runtimes.Table { return table },
		Now:     w.clock,
		Sleep:   func(_ context.Context, d time.Duration) error { w.pass(d); return nil },
		OnStep:  func(_ context.Context, _ int, step string) { w.steps = append(w.steps, step) },
	})
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// pass advances the clock.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// upgrade plans and runs an upgrade, as the tool does.
func (w *world) upgrade(t *testing.T, r Request) (Result, error) {
	t.Helper()
	p, err := w.Plan(t.Context(), r)
	if err != nil {
		return Result{}, err
	}
	return w.Run(t.Context(), p)
}

func (w *world) mustUpgrade(t *testing.T, r Request) Result {
	t.Helper()
	res, err := w.upgrade(t, r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// undo plans and runs a rollback.
func (w *world) undo(t *testing.T) Result {
	t.Helper()
	plan, err := w.PlanRollback(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.Undo(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// noCopyLeft fails the test if a copy was left behind.
func (w *world) noCopyLeft(t *testing.T) {
	t.Helper()
	for _, name := range w.aws.Functions() {
		if strings.Contains(name, "-lambdaops-copy-") {
			t.Errorf("the copy %s was left over", name)
		}
	}
}

func (w *world) nothingOpen(t *testing.T) {
	t.Helper()
	open, err := w.o.Journal.Unfinished()
	if err != nil || len(open) != 0 {
		t.Errorf("unfinished operations: %+v, %v", open, err)
	}
}

// unfinished returns the only unfinished operation.
func (w *world) unfinished(t *testing.T) journal.Operation {
	t.Helper()
	open, err := w.o.Journal.Unfinished()
	if err != nil || len(open) != 1 {
		t.Fatalf("unfinished operations: %+v, %v; want one", open, err)
	}
	return open[0]
}

func (w *world) count(op string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(w.calls), func(c string) bool { return c != op }))
}

// stepsLike counts the steps that begin with prefix.
func (w *world) stepsLike(prefix string) (n int) {
	for _, step := range w.steps {
		if strings.HasPrefix(step, prefix) {
			n++
		}
	}
	return n
}

// orders is a function whose alias live has the same version as $LATEST, dev follows
// $LATEST, and old points to an earlier release.
func orders() awsfake.LambdaFunction {
	return awsfake.LambdaFunction{
		Config: awsfake.LambdaConfig{
			FunctionName: "orders", Runtime: "nodejs18.x", Handler: "index.handler",
			Environment: &awsfake.LambdaEnvironment{Variables: map[string]string{"DB_PASSWORD": "hunter2-value"}},
		},
		Versions: 2, Aliases: map[string]string{"live": "2", "dev": "$LATEST", "old": "1"},
		Tags: map[string]string{"team": "shop"},
	}
}

// plain is a function without aliases.
func plain() awsfake.LambdaFunction {
	return awsfake.LambdaFunction{Config: awsfake.LambdaConfig{FunctionName: "orders", Runtime: "nodejs18.x", Handler: "index.handler"}}
}
