// Package toolsecret gives tools the values of their secrets. A deployed
// function's environment holds, under the name of each TOOL_SECRET_* setting,
// the ARN of the secret that has the value; the value itself is in Secrets
// Manager only, where `mcpctl secrets push` puts it.
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

// Secrets is the one call of Secrets Manager that is needed.
type Secrets interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// Options say where values come from.
type Options struct {
	ARN     func(name string) string // the secret's ARN, "" where none is declared; required
	Secrets Secrets                  // required
	TTL     time.Duration            // how long a value is kept; zero means 5 minutes
	Stale   time.Duration            // how long it serves on while Secrets Manager does not answer; zero means an hour
	Timeout time.Duration            // for one read, retries included; zero means 3 seconds
	Now     func() time.Time         // nil means time.Now
}

// Reader reads a secret when a tool first asks for it, and then keeps it.
type Reader struct {
	o      Options
	mu     sync.Mutex
	values map[string]*value // by name; each guarded by its turn
}

// value is what is kept of a secret.
type value struct {
	turn chan struct{} // who takes from it may read the secret, and must put back
	text string
	read time.Time // zero means that there is no text yet
	next time.Time // when it is read again
}

// New makes a reader. It reads nothing yet.
func New(o Options) *Reader {
	o.TTL = cmp.Or(o.TTL, 5*time.Minute)
	o.Stale = cmp.Or(o.Stale, time.Hour)
	o.Timeout = cmp.Or(o.Timeout, 3*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Reader{o: o, values: map[string]*value{}}
}

// Get is the value of a secret by its full name, such as TOOL_SECRET_TOKEN. A
// value that has run out of time is read again. Where Secrets Manager does not
// answer, it serves on for an hour, because a tool with an old password
// fares better than one with none; what Secrets Manager does say, such as that
// access is denied, counts at once. Concurrent callers wait for one read, or
// until their context ends. No error ever holds a value.
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
	case <-v.turn:
		defer func() { v.turn <- struct{}{} }()
	case <-ctx.Done():
		return "", fmt.Errorf("read secret %s: %w", name, ctx.Err())
	}
	now := r.o.Now()
	if now.Before(v.next) {
		return v.text, nil
	}
	text, err := r.read(ctx, name, arn)
	switch {
	case err == nil:
		v.text, v.read, v.next = text, now, now.Add(r.o.TTL)
	case !v.read.IsZero() && keystore.IsOutage(err) && now.Sub(v.read) < r.o.Stale:
		v.next = now.Add(min(r.o.TTL, r.o.Stale-now.Sub(v.read)))
	default:
		v.text, v.read, v.next = "", time.Time{}, time.Time{}
		return "", err
	}
	return v.text, nil
}

// value is what is kept of a secret, of which there may be nothing yet.
func (r *Reader) value(name string) *value {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.values[name]
	if !ok {
		v = &value{turn: make(chan struct{}, 1)}
		v.turn <- struct{}{}
		r.values[name] = v
	}
	return v
}

// read asks Secrets Manager. A secret that was declared and never filled has
// no current version, which is the same error as no secret at all.
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
