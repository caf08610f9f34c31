package keyregistry

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/test/clock"
)

const secret = "IssuedKeys"

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// world is a fake Secrets Manager with one secret, and a registry that uses it with
// the real client.
type world struct {
	*Registry
	fake  *awsfake.SecretsManager
	clock *clock.Adjustable

	mu        sync.Mutex
	calls     []string
	fault     func(op string) *awsfake.Fault
	intercept func(op string, serve func()) // is called instead of serving a call; nil serves it
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clock: clock.At(noon)}
	w.fake = awsfake.NewSecretsManager(awsfake.Options{Now: w.clock.Now, Fail: w.faultOf, Called: func(op, _ string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calls = append(w.calls, op)
	}})
	w.fake.Create(secret, "")
	server := httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(server.Close)
	w.Registry = New(Options{Secrets: client(server.URL), ID: secret, Now: w.clock.Now,
		Sleep: func(ctx context.Context, d time.Duration) error { return ctx.Err() }})
	return w
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	intercept := w.intercept
	w.mu.Unlock()
	if intercept == nil {
		w.fake.ServeHTTP(rw, r)
		return
	}
	op := r.Header.Get("X-Amz-Target")[len("secretsmanager."):]
	served := httptest.NewRecorder()
	intercept(op, func() { w.fake.ServeHTTP(served, r) })
	for name, values := range served.Header() {
		rw.Header()[name] = values
	}
	rw.WriteHeader(served.Code)
	rw.Write(served.Body.Bytes())
}

// fail injects faults from now on; nil injects none.
func (w *world) fail(fault func(op string) *awsfake.Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = fault
}

func (w *world) faultOf(op string) *awsfake.Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fault == nil {
		return nil
	}
	return w.fault(op)
}

// on calls f for each call from now on; nil serves calls without it.
func (w *world) on(f func(op string, serve func())) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.intercept = f
}

// before calls do before the first call of an operation.
func (w *world) before(op string, do func()) {
	w.on(func(called string, serve func()) {
		if called == op {
			w.on(nil)
			do()
		}
		serve()
	})
}

func client(url string) *secretsmanager.Client {
	return secretsmanager.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(url),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDTEST", SecretAccessKey: "secret"}, nil
		}),
		// With retries: a server on this machine may respond before net/http has sent
		// the whole request, whose body the SDK then closes.
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.RateLimiter = ratelimit.None
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	})
}

// key returns an entry for the key that equals its name.
func key(id string) apikey.Key {
	return apikey.Key{ID: id, SHA256: apikey.Hash(id), Created: noon}
}

// create issues keys with these names.
func (w *world) create(t *testing.T, ids ...string) ChangeResult {
	t.Helper()
	var keys []apikey.Key
	for _, id := range ids {
		keys = append(keys, key(id))
	}
	written, err := w.Change(t.Context(), Issuing, Adding(keys...))
	if err != nil {
		t.Fatal(err)
	}
	return written
}

// ids returns the names in the registry, as another process reads it.
func (w *world) ids(t *testing.T) []string {
	t.Helper()
	s, err := w.Read(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, k := range s.Document.Keys {
		ids = append(ids, k.ID)
	}
	return ids
}

// fill writes n versions, one a minute.
func (w *world) fill(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		text, err := apikey.Document{Keys: []apikey.Key{key(fmt.Sprint("filler-", i))}}.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		w.fake.Create(secret, string(text))
		w.clock.Add(time.Minute)
	}
}
