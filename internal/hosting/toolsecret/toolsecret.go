// Package toolsecret reads the secrets of tools. In a deployed function, the
// variable of each TOOL_SECRET_* setting holds the ARN of a secret. The value is in
// Secrets Manager only, where `mcpctl secrets push` stores it.
package toolsecret

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"serverless-mcp/internal/keys/keystore"
)

// Secrets is the Secrets Manager operation that a [Reader] uses;
// *secretsmanager.Client implements it.
type Secrets interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// Options of a [Reader].
type Options struct {
	ARN      func(name string) string // returns a secret's ARN, "" if it is not declared; required
	Secrets  Secrets                  // required
	TTL      time.Duration            // how long a value is cached; zero means 5 minutes
	MaxStale time.Duration            // how long a value is used while Secrets Manager is unavailable; zero means an hour
	Timeout  time.Duration            // of one read, retries included; zero means 3 seconds
	Now      func() time.Time         // nil means time.Now
}

// Reader reads a secret when a tool first needs it, and caches the value.
type Reader struct {
	o      Options
	mu     sync.Mutex
	values map[string]*value // by name; each guarded by its lock
}

// value is the cached value of a secret.
type value struct {
	lock chan struct{} // holds one token: a mutex that a context can interrupt
	text string
	read time.Time // zero means that there is no text
	next time.Time // when it is read again
}

// New returns a reader, without reading anything.
func New(o Options) *Reader {
	o.TTL = cmp.Or(o.TTL, 5*time.Minute)
	o.MaxStale = cmp.Or(o.MaxStale, time.Hour)
	o.Timeout = cmp.Or(o.Timeout, 3*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Reader{o: o, values: map[string]*value{}}
}

// Get returns the value of a secret by its full name, such as TOOL_SECRET_TOKEN. A
// value older than the TTL is read again. While Secrets Manager is unavailable, the
// old value is used for an hour, because a tool with an old password works better
// than one with none; an error about the secret, such as denied access, is returned at
// once. Concurrent callers wait for one read, or until their context ends. Times are
// those of the wall clock. No error contains a value.
func (r *Reader) Get(ctx context.Context, name string) (string, error) {
	arn := ""
	if strings.HasPrefix(name, "TOOL_SECRET_") {
		arn = r.o.ARN(name)
	}
	if arn == "" {
		return "", fmt.Errorf("secret %s is not declared: name it in .env and deploy again", name)
	}
	v := r.value(name)
	select {
	case <-v.lock:
		defer func() { v.lock <- struct{}{} }()
	case <-ctx.Done():
		return "", fmt.Errorf("read secret %s: %w", name, ctx.Err())
	}
	// Without the monotonic clock, which stands still while an instance of a Lambda
	// function is frozen, and not longer than the TTL if the clock was set back.
	now := r.o.Now().Round(0)
	if left := v.next.Sub(now); left > 0 && left <= r.o.TTL {
		return v.text, nil
	}
	text, err := r.read(ctx, name, arn)
	switch {
	case err == nil:
		v.text, v.read, v.next = text, now, now.Add(r.o.TTL)
	case !v.read.IsZero() && keystore.IsOutage(err) && now.Sub(v.read) < r.o.MaxStale:
		v.next = now.Add(min(r.o.TTL, r.o.MaxStale-now.Sub(v.read)))
	case ctx.Err() != nil:
		return "", err // the call has ended, which says nothing about the value
	default:
		v.text, v.read, v.next = "", time.Time{}, time.Time{}
		return "", err
	}
	return v.text, nil
}

// value returns the cache entry of a secret, which may be empty.
func (r *Reader) value(name string) *value {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.values[name]
	if !ok {
		v = &value{lock: make(chan struct{}, 1)}
		v.lock <- struct{}{}
		r.values[name] = v
	}
	return v
}

// read reads a secret. The error for a secret without a value is the same as for a
// missing secret.
func (r *Reader) read(ctx context.Context, name, arn string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, r.o.Timeout)
	defer cancel()
	out, err := r.o.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(arn)})
	if missing := (*types.ResourceNotFoundException)(nil); errors.As(err, &missing) {
		return "", fmt.Errorf("secret %s has no value yet: run go tool mcpctl secrets push", name)
	}
	if err != nil {
		return "", fmt.Errorf("read secret %s: %w", name, err)
	}
	text := aws.ToString(out.SecretString)
	if text == "" {
		return "", fmt.Errorf("secret %s is empty: run go tool mcpctl secrets push", name)
	}
	return text, nil
}
