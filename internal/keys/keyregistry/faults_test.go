package keyregistry

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
)

// failing returns a world with the key alice whose operation fails from now on.
func failing(t *testing.T, operation, code string) *world {
	t.Helper()
	w := newWorld(t)
	w.create(t, "alice")
	w.calls = nil
	w.fail(func(op string) *awsfake.Fault {
		if op == operation {
			return &awsfake.Fault{Error: &awsfake.Error{Code: code, Message: "no"}}
		}
		return nil
	})
	return w
}

// The error of every operation is returned, with the operation's purpose, and the registry
// stays unchanged.
func TestFailedOperations(t *testing.T) {
	for operation, want := range map[string]string{
		"GetSecretValue":           "read the key registry: ",
		"ListSecretVersionIds":     "list the versions of the key registry: ",
		"PutSecretValue":           "write the key registry: ",
		"UpdateSecretVersionStage": "of the key registry current: ",
	} {
		w := failing(t, operation, "AccessDeniedException")
		got, err := w.Change(t.Context(), Issuing, Adding(key("bob")))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "AccessDeniedException") || got.Changed {
			t.Errorf("%s: %+v, %v; want an error with %q", operation, got, err, want)
		}
		w.fail(nil)
		if ids := w.ids(t); !slices.Equal(ids, []string{"alice"}) {
			t.Errorf("%s fails: the registry has %v", operation, ids)
		}
	}
	w := failing(t, "ListSecretVersionIds", "AccessDeniedException")
	if _, err := w.Capacity(t.Context()); err == nil {
		t.Error("Capacity succeeds although the versions cannot be listed")
	}
	if _, err := w.Change(t.Context(), Issuing, Replacing(mustRead(t, w))); err == nil {
		t.Error("an unchanged registry hides the error of the list")
	}
}

func mustRead(t *testing.T, w *world) apikey.Document {
	t.Helper()
	s, err := w.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.Document
}

// The outcome of a move is unknown if neither its response nor the labels arrive.
func TestUnknownOutcome(t *testing.T) {
	w := newWorld(t)
	w.create(t, "alice")
	w.fail(func(op string) *awsfake.Fault {
		if op == "UpdateSecretVersionStage" || op == "DescribeSecret" {
			return &awsfake.Fault{Error: &awsfake.Error{Code: "AccessDeniedException", Message: "no " + op}}
		}
		return nil
	})
	_, err := w.Change(t.Context(), Issuing, Adding(key("bob")))
	if err == nil || !strings.Contains(err.Error(), "unknown outcome") || !strings.Contains(err.Error(), "no UpdateSecretVersionStage") || !strings.Contains(err.Error(), "no DescribeSecret") {
		t.Errorf("Change = %v, want both errors and that the outcome is unknown", err)
	}
}

// Secrets Manager's own quota error names the limit, also without any version that
// could become removable.
func TestQuotaErrorOfSecretsManager(t *testing.T) {
	w := failing(t, "PutSecretValue", "LimitExceededException")
	_, err := w.Change(t.Context(), Revoking, w.Removing(t.Context(), "alice", nil))
	var full *FullError
	if !errors.As(err, &full) {
		t.Fatalf("Change = %v, want a FullError", err)
	}
	if diff := cmp.Diff(FullError{Versions: Quota, Purpose: Revoking}, *full); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text := full.Error(); strings.Contains(text, "reserved") || strings.Contains(text, "try again") {
		t.Errorf("error for revoking, without a time: %q", text)
	}
}

// An interrupted change is an error, and writes nothing.
func TestInterruptedChange(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := w.Change(ctx, Issuing, Adding(key("alice"))); !errors.Is(err, context.Canceled) || got.Changed {
		t.Errorf("Change = %+v, %v; want context.Canceled", got, err)
	}
	w.o.Sleep = func(context.Context, time.Duration) error { return context.DeadlineExceeded }
	w.before("ListSecretVersionIds", func() { // another writer is faster
		if _, err := New(Options{Secrets: w.o.Secrets, ID: secret, Now: w.clock.Now}).Change(t.Context(), Issuing, Adding(key("other"))); err != nil {
			t.Error(err)
		}
	})
	if got, err := w.Change(t.Context(), Issuing, Adding(key("alice"))); !errors.Is(err, context.DeadlineExceeded) || got.Changed {
		t.Errorf("Change = %+v, %v; want the error of the pause", got, err)
	}
	if ids := w.ids(t); !slices.Equal(ids, []string{"other"}) {
		t.Errorf("the registry has %v, want [other]", ids)
	}
}

// Writers that lose every race give up after 40 attempts. Their pauses grow to two
// seconds, times a random number.
func TestContended(t *testing.T) {
	w := newWorld(t)
	w.create(t, "first")
	var pauses []time.Duration
	w.o.Random = func() float64 { return 0.5 }
	w.o.Sleep = func(_ context.Context, d time.Duration) error { pauses = append(pauses, d); return nil }
	other := New(Options{Secrets: w.o.Secrets, ID: secret, Now: w.clock.Now})
	busy := false
	n := 0
	w.on(func(op string, serve func()) {
		if op == "ListSecretVersionIds" && !busy {
			busy = true
			n++
			if _, err := other.Change(t.Context(), Revoking, Replacing(apikey.Document{Keys: []apikey.Key{key("racer-" + strings.Repeat("x", n%2+1))}})); err != nil {
				t.Error(err)
			}
			w.clock.Add(25 * time.Hour) // so that the quota does not matter
			busy = false
		}
		serve()
	})
	got, err := w.Change(t.Context(), Issuing, Adding(key("mine")))
	if !errors.Is(err, ErrContended) || got.Changed || n != attempts {
		t.Errorf("Change = %+v, %v after %d races; want ErrContended after %d", got, err, n, attempts)
	}
	want := []time.Duration{50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond, time.Second, time.Second}
	if len(pauses) != attempts-1 {
		t.Fatalf("%d pauses, want %d", len(pauses), attempts-1)
	}
	if diff := cmp.Diff(want, pauses[:len(want)]); diff != "" || pauses[attempts-2] != time.Second {
		t.Errorf("pauses (-want +got):\n%s, the last is %v", diff, pauses[attempts-2])
	}
}
