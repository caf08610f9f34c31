package authorizer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/hosting/logs"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/authorizer"
	"serverless-mcp/internal/keys/keystore"
)

// counted counts the reads of secrets.
type counted struct {
	secrets
	reads atomic.Int64
}

func (c *counted) GetSecretValue(ctx context.Context, in *secretsmanager.GetSecretValueInput, o ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	c.reads.Add(1)
	return c.secrets.GetSecretValue(ctx, in, o...)
}

// mutations change a key in ways that a comparison could overlook.
var mutations = []func(r *rand.Rand, key string) string{
	func(r *rand.Rand, key string) string { // one bit
		b := []byte(key)
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		return string(b)
	},
	func(r *rand.Rand, key string) string { // one character less
		i := r.IntN(len(key))
		return key[:i] + key[i+1:]
	},
	func(r *rand.Rand, key string) string { // one character more
		i := r.IntN(len(key) + 1)
		return key[:i] + string(rune(r.IntN(300))) + key[i:]
	},
	func(r *rand.Rand, key string) string { // two characters swapped
		b := []byte(key)
		i, j := r.IntN(len(b)), r.IntN(len(b))
		b[i], b[j] = b[j], b[i]
		return string(b)
	},
	func(r *rand.Rand, key string) string { // another case
		i := r.IntN(len(key))
		return key[:i] + strings.ToUpper(key[i:i+1]) + strings.ToLower(key[i+1:])
	},
	func(r *rand.Rand, key string) string { return key[:r.IntN(len(key))] },
	func(r *rand.Rand, key string) string { return strings.Repeat(key, 1+r.IntN(12)) },
	func(r *rand.Rand, key string) string {
		return key + string([]rune("\x00\r\n\v\u00a0\u0085\ufeff;,%")[r.IntN(10)])
	},
	func(r *rand.Rand, key string) string {
		return []string{"Basic ", "Bearer:", "bearer\u00a0", "\""}[r.IntN(4)] + key
	},
	func(_ *rand.Rand, key string) string { return url.QueryEscape(strings.ReplaceAll(key, "_", "/")) },
	func(_ *rand.Rand, key string) string { return apikey.Hash(key) },
	func(r *rand.Rand, _ string) string { // a well-formed key that was never issued
		plain, err := apikey.New("", strings.NewReader(fmt.Sprintf("%032d", r.Uint64())))
		if err != nil {
			panic(err)
		}
		return plain
	},
}

// Of 50,000 mutated keys, only those are accepted that are parsed as the original key. They
// cause few reads of the secrets and a small log, and the valid key works all the time.
func TestMutatedKeys(t *testing.T) {
	const attempts, interval = 50_000, time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		document, err := apikey.Document{Keys: []apikey.Key{{ID: "alice", SHA256: apikey.Hash(good)}, {ID: "bob", SHA256: apikey.Hash(foreign)}}}.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		source := &counted{secrets: secrets(document)}
		var log buffer
		reader := keystore.NewReader(keystore.Options{Secrets: source, IssuedKeys: "issued"})
		a := authorizer.New(authorizer.Options{Lookup: reader.Lookup, Log: logs.New(&log, slog.LevelWarn)})
		began := time.Now()
		var pending sync.WaitGroup
		for i := range attempts {
			key := []string{good, foreign}[i%2]
			mutant := mutations[random.IntN(len(mutations))](random, key)
			pending.Go(func() {
				p, err := a.Decide(t.Context(), authorizer.Query{Key: mutant, UserAgent: "x/" + mutant})
				if parsed := authorizer.ParseKey(mutant); err == nil && parsed != key {
					t.Errorf("%q is accepted as %+v", mutant, p)
				}
				var limit *keystore.TooManyReadsError
				if err != nil && !errors.Is(err, authorizer.ErrDenied) && !errors.As(err, &limit) {
					t.Errorf("%q: %v", mutant, err)
				}
			})
			if i%1000 == 0 {
				if p, err := a.Decide(t.Context(), authorizer.Query{Key: good}); err != nil || p.KeyID != "alice" {
					t.Errorf("the valid key after %d others: %+v, %v", i, p, err)
				}
			}
			time.Sleep(interval)
		}
		pending.Wait()
		took := time.Since(began)
		time.Sleep(3 * time.Second) // for the log's last summary
		if limit := 10 + int64(took/(5*time.Second)); source.reads.Load() > limit {
			t.Errorf("%d reads of the secrets in %v, want at most %d", source.reads.Load(), took, limit)
		}
		if kb := log.Len() >> 10; kb > int(took.Seconds()) {
			t.Errorf("the log has %d KB after %v, want at most one a second", kb, took)
		}
		for _, secret := range []string{good, foreign, apikey.Hash(good), apikey.Hash(foreign)} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("the log has %q", secret)
			}
		}
	})
}

// buffer is a bytes.Buffer for concurrent use.
type buffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *buffer) Len() int { return len(b.String()) }

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// Decide returns the time to wait before a retry. It logs an allowed key at level DEBUG;
// Handle, behind the gateway, logs it at INFO.
func TestDecide(t *testing.T) {
	var log bytes.Buffer
	var err error
	a := authorizer.New(authorizer.Options{
		Lookup: func(context.Context, string) (apikey.Principal, bool, error) {
			return apikey.Principal{KeyID: "a"}, true, err
		},
		Log: logs.New(&log, slog.LevelInfo),
	})
	if p, got := a.Decide(t.Context(), authorizer.Query{Key: good}); got != nil || p.KeyID != "a" || log.Len() > 0 {
		t.Errorf("Decide = %+v, %v; logged %s", p, got, &log)
	}
	if r, got := a.Handle(t.Context(), authorizer.Request{IdentitySource: []string{good}}); got != nil || !r.IsAuthorized || !strings.Contains(log.String(), `"outcome":"allowed"`) {
		t.Errorf("Handle = %+v, %v; logged %s", r, got, &log)
	}
	err = fmt.Errorf("wrapped: %w", &keystore.TooManyReadsError{RetryAfter: time.Second})
	var limit *keystore.TooManyReadsError
	if _, got := a.Decide(t.Context(), authorizer.Query{Key: good}); !errors.As(got, &limit) || limit.RetryAfter != time.Second {
		t.Errorf("Decide with too many reads = %v", got)
	}
	if _, got := a.Handle(t.Context(), authorizer.Request{IdentitySource: []string{good}}); got != authorizer.ErrUndecided {
		t.Errorf("Handle with too many reads = %v, want exactly ErrUndecided", got)
	}
	err = errors.New("down")
	if _, got := a.Decide(t.Context(), authorizer.Query{Key: good}); got != authorizer.ErrUndecided {
		t.Errorf("Decide in an outage = %v, want exactly ErrUndecided", got)
	}
	if p, got := authorizer.New(authorizer.Options{Lookup: func(context.Context, string) (apikey.Principal, bool, error) {
		return apikey.Principal{KeyID: "a", Expires: time.Now().Add(-time.Second)}, true, nil
	}}).Decide(t.Context(), authorizer.Query{Key: good}); !errors.Is(got, authorizer.ErrDenied) {
		t.Errorf("expired by the default clock: %+v, %v", p, got)
	}
}

// A key is denied without a lookup only if all of it has the form of a variable. A long
// run of any character that a key may have is redacted in the log.
func TestUnusualForms(t *testing.T) {
	for _, key := range []string{"${half-a-variable", "half-a-variable}"} {
		if got := handle(t, map[string]apikey.Principal{key: {KeyID: "alice"}}, request(t, key)); !got.response.IsAuthorized {
			t.Errorf("%q is denied: %s", key, got.text)
		}
	}
	for _, c := range "09AZaz_-" {
		var log bytes.Buffer
		a := authorizer.New(authorizer.Options{
			Lookup: func(context.Context, string) (apikey.Principal, bool, error) {
				return apikey.Principal{KeyID: "a"}, true, nil
			},
			Log: logs.New(&log, slog.LevelDebug),
		})
		run := strings.Repeat(string(c), 32)
		if _, err := a.Decide(t.Context(), authorizer.Query{Key: good, UserAgent: "x " + run}); err != nil || !strings.Contains(log.String(), `"client":"x [redacted]"`) {
			t.Errorf("%q: %v, %s", run, err, &log)
		}
	}
}

// The time that a lookup takes is in the log.
func TestDurationInTheLog(t *testing.T) {
	var log bytes.Buffer
	now := noon
	a := authorizer.New(authorizer.Options{
		Lookup: func(context.Context, string) (apikey.Principal, bool, error) {
			now = now.Add(1500 * time.Microsecond)
			return apikey.Principal{KeyID: "a"}, true, nil
		},
		Log: logs.New(&log, slog.LevelDebug), Now: func() time.Time { return now },
	})
	if _, err := a.Decide(t.Context(), authorizer.Query{Key: good}); err != nil || !strings.Contains(log.String(), `"durationMs":1.5,`) {
		t.Errorf("%v; logged %s, want 1.5 ms", err, &log)
	}
}

// The line has the age of the keyring only if it is known, the client's version only if
// the client names it, and the whole request id even if the request has no key.
func TestOptionalFieldsOfTheLine(t *testing.T) {
	for age, want := range map[time.Duration]any{1500 * time.Millisecond: 1500.0, 0: 0.0, -1: nil} {
		var log bytes.Buffer
		a := authorizer.New(authorizer.Options{
			Lookup: func(context.Context, string) (apikey.Principal, bool, error) {
				return apikey.Principal{KeyID: "a"}, true, nil
			},
			KeyringAge: func() time.Duration { return age }, Log: logs.New(&log, slog.LevelDebug), Now: func() time.Time { return noon },
		})
		if _, err := a.Decide(t.Context(), authorizer.Query{Key: good, UserAgent: "Cursor"}); err != nil {
			t.Fatal(err)
		}
		var line map[string]any
		if err := json.Unmarshal(log.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v", &log, err)
		}
		if version, ok := line["clientVersion"]; line["keyringAgeMs"] != want || ok {
			t.Errorf("age %v: %v, version %v", age, line, version)
		}
		log.Reset()
		if _, err := a.Decide(t.Context(), authorizer.Query{RequestID: "id-1"}); !errors.Is(err, authorizer.ErrDenied) || !strings.Contains(log.String(), `"requestId":"id-1"`) {
			t.Errorf("without a key: %v, %s", err, &log)
		}
	}
}

// A key that is also sent as the request id is not logged.
func TestKeyInTheRequestID(t *testing.T) {
	var log bytes.Buffer
	a := authorizer.New(authorizer.Options{
		Lookup: func(context.Context, string) (apikey.Principal, bool, error) { return apikey.Principal{}, false, nil },
		Log:    logs.New(&log, slog.LevelDebug),
	})
	if _, err := a.Decide(t.Context(), authorizer.Query{Key: good, RequestID: "a-" + good + "-b"}); !errors.Is(err, authorizer.ErrDenied) || !strings.Contains(log.String(), `"requestId":"a-[key]-b"`) {
		t.Errorf("%v, logged %s", err, &log)
	}
}
