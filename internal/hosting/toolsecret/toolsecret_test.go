package toolsecret_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"serverless-mcp/internal/hosting/toolsecret"
	"serverless-mcp/internal/test/clock"
)

const name, arn = "TOOL_SECRET_TOKEN", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:token"

// store is a fake Secrets Manager with one secret.
type store struct {
	text  string
	err   error
	reads int
}

func (s *store) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	s.reads++
	if aws.ToString(in.SecretId) != arn {
		return nil, errors.New("wrong secret")
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(s.text)}, s.err
}

func newReader(s toolsecret.Secrets, now *time.Time) *toolsecret.Reader {
	return toolsecret.New(toolsecret.Options{
		ARN: func(n string) string {
			return map[string]string{name: arn, "SERVER_NAME": arn}[n]
		},
		Secrets: s,
		Now:     func() time.Time { return *now },
	})
}

// A value is read once, and again after its TTL. If that read fails, the old value is used.
func TestGet(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	s := &store{text: "one"}
	r := newReader(s, &now)
	get := func(want string, reads int) {
		t.Helper()
		if got, err := r.Get(t.Context(), name); got != want || err != nil || s.reads != reads {
			t.Errorf("got %q, %v after %d reads; want %q after %d", got, err, s.reads, want, reads)
		}
	}
	get("one", 1)
	s.text = "two"
	now = now.Add(5*time.Minute - 1)
	get("one", 1)
	now = now.Add(1)
	get("two", 2)
	s.err = outage
	now = now.Add(5 * time.Minute)
	get("two", 3)
	get("two", 3)
	s.text, s.err = "three", nil
	now = now.Add(5 * time.Minute)
	get("three", 4)
}

// outage is an error of Secrets Manager itself.
var outage = &smithy.GenericAPIError{Code: "ThrottlingException", Message: "slow down"}

// An old value is used for an hour of an outage, and not at all once Secrets Manager
// denies access.
func TestStaleValue(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	s := &store{text: "one"}
	r := newReader(s, &now)
	begun := now
	for s.err = error(nil); now.Sub(begun) < time.Hour; now = now.Add(6 * time.Minute) {
		if got, err := r.Get(t.Context(), name); got != "one" || err != nil {
			t.Fatalf("after %v: %q, %v", now.Sub(begun), got, err)
		}
		s.err = outage
	}
	now = begun.Add(time.Hour)
	if got, err := r.Get(t.Context(), name); err == nil {
		t.Errorf("after an hour of outage: %q, want an error", got)
	}
	s.err = nil
	if got, err := r.Get(t.Context(), name); got != "one" || err != nil {
		t.Errorf("after the outage: %q, %v", got, err)
	}
	// A read that fails shortly before the end of the hour does not extend it.
	begun, s.err = now, outage
	now = begun.Add(59 * time.Minute)
	if got, err := r.Get(t.Context(), name); got != "one" || err != nil {
		t.Errorf("after 59 minutes of another outage: %q, %v", got, err)
	}
	now = begun.Add(time.Hour)
	if got, err := r.Get(t.Context(), name); err == nil {
		t.Errorf("after an hour of another outage: %q, want an error", got)
	}
	s.err = nil
	if got, err := r.Get(t.Context(), name); got != "one" || err != nil {
		t.Errorf("after the other outage: %q, %v", got, err)
	}
	now, s.err = now.Add(5*time.Minute), &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	if got, err := r.Get(t.Context(), name); err == nil {
		t.Errorf("access denied: %q, want an error", got)
	}
}

// A caller that gives up does not wait for a read by another caller, and no caller
// waits for the read of another secret.
func TestWaitingCallers(t *testing.T) {
	reading, release := make(chan struct{}), make(chan struct{})
	r := toolsecret.New(toolsecret.Options{
		ARN: func(n string) string { return n },
		Secrets: secretsFunc(func(id string) (string, error) {
			if id == name {
				close(reading)
				<-release
			}
			return "value of " + id, nil
		}),
	})
	first := make(chan string)
	go func() {
		got, _ := r.Get(t.Context(), name)
		first <- got
	}()
	<-reading
	if got, err := r.Get(t.Context(), "TOOL_SECRET_OTHER"); got != "value of TOOL_SECRET_OTHER" || err != nil {
		t.Errorf("another secret: %q, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Get(ctx, name); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that gave up: %v", err)
	}
	close(release)
	if got := <-first; got != "value of "+name {
		t.Errorf("the first caller got %q", got)
	}
}

type secretsFunc func(id string) (string, error)

func (f secretsFunc) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	text, err := f(*in.SecretId)
	return &secretsmanager.GetSecretValueOutput{SecretString: &text}, err
}

func TestGetErrors(t *testing.T) {
	missing := &types.ResourceNotFoundException{Message: aws.String("Secrets Manager can't find the specified secret value for staging label: AWSCURRENT")}
	for title, test := range map[string]struct {
		name  string
		store store
		want  string
	}{
		"not declared":   {"TOOL_SECRET_OTHER", store{text: "hunter2"}, "secret TOOL_SECRET_OTHER is not declared: name it in .env and deploy again"},
		"no tool secret": {"SERVER_NAME", store{text: "hunter2"}, "secret SERVER_NAME is not declared: name it in .env and deploy again"},
		"no value yet":   {name, store{err: missing}, "secret TOOL_SECRET_TOKEN has no value yet: run go tool mcpctl secrets push"},
		"empty":          {name, store{}, "secret TOOL_SECRET_TOKEN is empty: run go tool mcpctl secrets push"},
		"down":           {name, store{text: "hunter2", err: errors.New("down")}, "read secret TOOL_SECRET_TOKEN: down"},
	} {
		t.Run(title, func(t *testing.T) {
			now := time.Now()
			got, err := newReader(&test.store, &now).Get(t.Context(), test.name)
			if got != "" || err == nil || err.Error() != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

// An error is not cached: the value may have been pushed meanwhile.
func TestErrorIsNotCached(t *testing.T) {
	now := time.Now()
	s := &store{err: errors.New("down")}
	r := newReader(s, &now)
	_, _ = r.Get(t.Context(), name)
	s.text, s.err = "one", nil
	if got, err := r.Get(t.Context(), name); got != "one" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestConcurrentCallersReadOnce(t *testing.T) {
	now := time.Now()
	s := &store{text: "one"}
	r := newReader(s, &now)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { _, _ = r.Get(t.Context(), name) })
	}
	all.Wait()
	if s.reads != 1 {
		t.Errorf("%d reads", s.reads)
	}
}

// A rotated secret is read again after the TTL by the wall clock, even if the
// monotonic clock stood still, as it does in a frozen Lambda instance.
func TestFrozenInstance(t *testing.T) {
	start := time.Now() // has a monotonic reading
	now := start
	s := &store{text: "one"}
	r := newReader(s, &now)
	if got, err := r.Get(t.Context(), name); got != "one" || err != nil {
		t.Fatalf("got %q, %v", got, err)
	}
	s.text = "two"
	now = clock.Frozen(t, start, 5*time.Minute)
	if got, err := r.Get(t.Context(), name); got != "two" || err != nil {
		t.Errorf("after 5 minutes frozen: got %q, %v; want the rotated value", got, err)
	}
	s.text = "three"
	now = start.Round(0).Add(-time.Hour)
	if got, err := r.Get(t.Context(), name); got != "three" || err != nil {
		t.Errorf("after the clock was set back: got %q, %v; want a new read", got, err)
	}
}

// An outage after a value was dropped does not bring the value back.
func TestDroppedValueStaysDropped(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	s := &store{text: "one"}
	r := newReader(s, &now)
	if _, err := r.Get(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	now, s.err = now.Add(5*time.Minute), &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	if got, err := r.Get(t.Context(), name); err == nil {
		t.Errorf("access denied: %q, want an error", got)
	}
	s.err = outage
	if got, err := r.Get(t.Context(), name); err == nil || got != "" {
		t.Errorf("outage after denied access: %q, %v; want an error", got, err)
	}
}

// A caller that gives up while it reads leaves the old value for an outage.
func TestCallerGivesUp(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	ctx, giveUp := context.WithCancel(t.Context())
	respond := func() (string, error) { return "one", nil }
	r := newReader(secretsFunc(func(string) (string, error) { return respond() }), &now)
	if _, err := r.Get(ctx, name); err != nil {
		t.Fatal(err)
	}
	now = now.Add(5 * time.Minute)
	respond = func() (string, error) {
		giveUp()
		return "", &aws.RequestCanceledError{Err: ctx.Err()}
	}
	if got, err := r.Get(ctx, name); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that gave up: %q, %v", got, err)
	}
	respond = func() (string, error) { return "", outage }
	if got, err := r.Get(t.Context(), name); got != "one" || err != nil {
		t.Errorf("during an outage: %q, %v; want the old value", got, err)
	}
}

// A read ends after its timeout, even if the caller's context has no deadline.
func TestReadTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := toolsecret.New(toolsecret.Options{ARN: func(n string) string { return n }, Secrets: hanging{}})
		began := time.Now()
		if _, err := r.Get(t.Context(), name); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 3*time.Second {
			t.Errorf("after %v: %v, want a deadline of 3 seconds", time.Since(began), err)
		}
	})
}

type hanging struct{}

func (hanging) GetSecretValue(ctx context.Context, _ *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}
