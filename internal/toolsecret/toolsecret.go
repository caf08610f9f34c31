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
	Timeout time.Duration            // for one read, retries included; zero means 3 seconds
	Now     func() time.Time         // nil means time.Now
}

// Reader reads a secret when a tool first asks for it, and then keeps it.
type Reader struct {
	o      Options
	mu     sync.Mutex // held while reading: concurrent callers wait for one read
	values map[string]value
}

type value struct {
	text string
	read time.Time
}

// New makes a reader. It reads nothing yet.
func New(o Options) *Reader {
	o.TTL = cmp.Or(o.TTL, 5*time.Minute)
	o.Timeout = cmp.Or(o.Timeout, 3*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Reader{o: o, values: map[string]value{}}
}

// Get is the value of a secret by its full name, such as TOOL_SECRET_TOKEN. A
// value that has run out of time is read again; where that fails, it serves
// on, because a tool with an old password fares better than one with
// none. No error ever holds a value.
func (r *Reader) Get(ctx context.Context, name string) (string, error) {
	arn := ""
	if strings.HasPrefix(name, "TOOL_SECRET_") {
		arn = r.o.ARN(name)
	}
	if arn == "" {
		return "", fmt.Errorf("secret %s is not declared: name it in .env and deploy again", name)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	kept, ok := r.values[name]
	if ok && r.o.Now().Sub(kept.read) < r.o.TTL {
		return kept.text, nil
	}
	text, err := r.read(ctx, name, arn)
	if err != nil && !ok {
		return "", err
	}
	if err != nil {
		text = kept.text
	}
	r.values[name] = value{text: text, read: r.o.Now()}
	return text, nil
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
