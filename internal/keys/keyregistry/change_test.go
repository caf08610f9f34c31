package keyregistry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

func TestChanges(t *testing.T) {
	for _, bare := range []bool{false, true} {
		t.Run(fmt.Sprintf("first version without labels %v", bare), func(t *testing.T) {
			w := newWorld(t)
			w.fake.FirstVersionBare = bare
			if got := w.ids(t); len(got) != 0 {
				t.Fatalf("a secret without a value has the keys %v", got)
			}
			if got := w.create(t, "alice"); !got.Changed || got.Version == "" || !got.At.Equal(noon) {
				t.Errorf("first write: %+v", got)
			}
			w.create(t, "bob", "carol")
			if _, err := w.Change(t.Context(), Revoking, w.Removing(t.Context(), "alice", nil)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"bob", "carol"}, w.ids(t)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A change without other writers takes one call of each operation and no pause. The
// candidate label on the version before, which became current, does not show another writer.
func TestUncontendedChange(t *testing.T) {
	w := newWorld(t)
	w.create(t, "alice")
	w.create(t, "bob")
	w.calls = nil
	w.o.Sleep = func(context.Context, time.Duration) error { t.Error("paused"); return nil }
	w.create(t, "carol")
	if diff := cmp.Diff([]string{"GetSecretValue", "ListSecretVersionIds", "PutSecretValue", "UpdateSecretVersionStage"}, w.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// If there is a candidate of another writer, which is about to promote it or was killed,
// the registry waits once: a put before the promotion would lose and use up a version.
func TestWaitsForAnotherCandidate(t *testing.T) {
	w := newWorld(t)
	w.create(t, "alice")
	text, err := apikey.Document{Keys: []apikey.Key{key("other")}}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.o.Secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: aws.String(secret), SecretString: aws.String(string(text)), VersionStages: []string{candidate},
	}); err != nil {
		t.Fatal(err)
	}
	pauses := 0
	w.o.Sleep = func(context.Context, time.Duration) error { pauses++; return nil }
	w.calls = nil
	w.create(t, "bob")
	want := []string{"GetSecretValue", "ListSecretVersionIds", "GetSecretValue", "ListSecretVersionIds", "PutSecretValue", "UpdateSecretVersionStage"}
	if diff := cmp.Diff(want, w.calls); diff != "" || pauses != 1 {
		t.Errorf("%d pauses, calls (-want +got):\n%s", pauses, diff)
	}
}

// TestLimiting: the limits of all keys of a name change, and of no other.
func TestLimiting(t *testing.T) {
	w := newWorld(t)
	w.create(t, "alice", "bob")
	if _, err := w.Change(t.Context(), Issuing, Rotating("alice", func(k apikey.Key) (apikey.Key, error) {
		k.SHA256 = apikey.Hash("next")
		return k, nil
	}, noon.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	five := apikey.Limits{Day: 5}
	got, err := w.Change(t.Context(), Issuing, Limiting("alice", func(apikey.Limits) (apikey.Limits, error) { return five, nil }))
	if err != nil {
		t.Fatal(err)
	}
	alices := 0
	for _, k := range got.Document.Keys {
		if want := k.ID == "alice"; (k.Limits == five) != want {
			t.Errorf("%s has the limits %v", k.ID, k.Limits)
		} else if want {
			alices++
		}
	}
	if alices != 2 {
		t.Errorf("%d entries of alice, want the key and the one in its grace period", alices)
	}
}

func TestFailedEditsWriteNothing(t *testing.T) {
	w := newWorld(t)
	edit := Adding(key("alice"))
	if _, err := w.Change(t.Context(), Issuing, edit); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		edit Edit
		want error
	}{
		"same again":     {Adding(key("alice")), apikey.ErrTaken},
		"taken":          {Adding(key("bob"), apikey.Key{ID: "alice", SHA256: apikey.Hash("other")}), apikey.ErrTaken},
		"reserved":       {Adding(key("default")), ErrReserved},
		"unknown":        {w.Removing(t.Context(), "bob", nil), apikey.ErrUnknown},
		"failed check":   {w.Removing(t.Context(), "alice", func([]apikey.Key) error { return context.Canceled }), context.Canceled},
		"limit unknown":  {Limiting("bob", func(l apikey.Limits) (apikey.Limits, error) { return l, nil }), apikey.ErrUnknown},
		"no limits":      {Limiting("alice", func(apikey.Limits) (apikey.Limits, error) { return apikey.Limits{Day: 9}, context.DeadlineExceeded }), context.DeadlineExceeded},
		"rotate unknown": {Rotating("bob", nil, noon), apikey.ErrUnknown},
		"no successor": {Rotating("alice", func(apikey.Key) (apikey.Key, error) {
			return key("alice-2"), context.DeadlineExceeded
		}, noon.Add(time.Hour)), context.DeadlineExceeded},
		"replaced by": {Replacing(apikey.Document{Keys: []apikey.Key{key("default")}}), ErrReserved},
	} {
		if _, err := w.Change(t.Context(), Issuing, tc.edit); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	if got, err := w.Change(t.Context(), Issuing, edit); err != nil || got.Changed {
		t.Errorf("the same edit again: %+v, %v", got, err)
	}
	if n := slices.DeleteFunc(w.calls, func(op string) bool { return op != "PutSecretValue" }); len(n) != 1 {
		t.Errorf("%d versions were put, want 1", len(n))
	}
}

// A document that would be rejected when it is read is not written.
func TestInvalidDocumentIsNotWritten(t *testing.T) {
	w := newWorld(t)
	w.create(t, "alice")
	w.calls = nil
	got, err := w.Change(t.Context(), Issuing, Replacing(apikey.Document{Keys: []apikey.Key{{ID: "Not An Id", SHA256: apikey.Hash("x")}}}))
	if err == nil || !strings.Contains(err.Error(), "encode key document") || got.Changed || slices.Contains(w.calls, "PutSecretValue") {
		t.Errorf("%+v, %v after the calls %v; want an error and no write", got, err, w.calls)
	}
}

func TestRotating(t *testing.T) {
	w := newWorld(t)
	w.create(t, "alice")
	next := apikey.Key{SHA256: apikey.Hash("next"), Created: noon}
	edit := Rotating("alice", func(apikey.Key) (apikey.Key, error) { return next, nil }, noon.Add(time.Hour))
	for range 2 { // the second time as after a lost response
		if _, err := w.Change(t.Context(), Issuing, edit); err != nil {
			t.Fatal(err)
		}
	}
	s, err := w.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	old := key("alice")
	old.Expires = noon.Add(time.Hour)
	next.ID = "alice"
	if diff := cmp.Diff([]apikey.Key{old, next}, s.Document.Keys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A value that is not a key document may be someone's work. No change overwrites it.
func TestNoKeyDocumentIsKept(t *testing.T) {
	for _, other := range []string{"hello", "{}", `{"keys":[{"id":"a"}]}`,
		`{"keys":[{"id":"default","sha256":"` + apikey.Hash("x") + `"}]}`} {
		w := newWorld(t)
		w.fake.Create(secret, other)
		for name, edit := range map[string]Edit{"add": Adding(key("a")), "remove": w.Removing(t.Context(), "a", nil), "replace": Replacing(apikey.Document{})} {
			if _, err := w.Change(t.Context(), Revoking, edit); !errors.Is(err, ErrNotKeyDocument) {
				t.Errorf("%s to %q: %v, want ErrNotKeyDocument", name, other, err)
			}
		}
		if got := w.fake.Value(secret); got != other {
			t.Errorf("%q became %q", other, got)
		}
	}
}

// Ten concurrent writers lose no key and stay within the quota of versions, which the
// fake enforces.
func TestConcurrentCreators(t *testing.T) {
	w := newWorld(t)
	const creators = 10
	var all sync.WaitGroup
	for i := range creators {
		all.Go(func() {
			own := New(Options{Secrets: w.o.Secrets, ID: secret, Now: w.clock.Now,
				Sleep: func(ctx context.Context, d time.Duration) error { return sleep(ctx, d/20) }})
			if _, err := own.Change(t.Context(), Issuing, Adding(key(fmt.Sprint("k", i)))); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got := w.ids(t)
	slices.Sort(got)
	if diff := cmp.Diff([]string{"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9"}, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	capacity, err := w.Capacity(t.Context())
	if err != nil || capacity.Versions > 4*creators {
		t.Errorf("%d versions for %d changes, %v", capacity.Versions, creators, err)
	}
	t.Logf("%d versions for %d concurrent changes", capacity.Versions, creators)
}

// A writer that loses a race before the put uses up no version; after the put, one.
func TestLostRaceUsesUpOneVersionAtMost(t *testing.T) {
	for op, used := range map[string]int{"ListSecretVersionIds": 0, "PutSecretValue": 1, "UpdateSecretVersionStage": 1} {
		w := newWorld(t)
		w.create(t, "first")
		other := New(Options{Secrets: w.o.Secrets, ID: secret, Now: w.clock.Now})
		w.before(op, func() {
			if _, err := other.Change(t.Context(), Issuing, Adding(key("other"))); err != nil {
				t.Error(err)
			}
		})
		w.create(t, "mine")
		if diff := cmp.Diff([]string{"first", "other", "mine"}, w.ids(t)); diff != "" {
			t.Errorf("raced at %s (-want +got):\n%s", op, diff)
		}
		capacity, err := w.Capacity(t.Context())
		if err != nil || capacity.Versions != 3+used {
			t.Errorf("raced at %s: %d versions, %v; want %d", op, capacity.Versions, err, 3+used)
		}
	}
}

// Before the first version there is no version id to compare with.
func TestFirstWriters(t *testing.T) {
	for _, bare := range []bool{false, true} {
		for _, op := range []string{"ListSecretVersionIds", "PutSecretValue", "UpdateSecretVersionStage"} {
			w := newWorld(t)
			w.fake.FirstVersionBare = bare
			other := New(Options{Secrets: w.o.Secrets, ID: secret, Now: w.clock.Now})
			w.before(op, func() {
				if _, err := other.Change(t.Context(), Issuing, Adding(key("other"))); err != nil {
					t.Error(err)
				}
			})
			w.create(t, "mine")
			got := w.ids(t)
			if op == "UpdateSecretVersionStage" && !bare {
				continue // the first put makes the version current: there is no such call
			}
			if diff := cmp.Diff([]string{"other", "mine"}, got); diff != "" {
				t.Errorf("bare %v, raced at %s (-want +got):\n%s", bare, op, diff)
			}
		}
	}
}

// TestKilledAtEachStep breaks the connection permanently, before or after a call is served,
// as if the process were killed there. Then either the old or the new registry is current,
// and the next writer succeeds.
func TestKilledAtEachStep(t *testing.T) {
	for _, served := range []bool{false, true} {
		for step, op := range []string{"GetSecretValue", "ListSecretVersionIds", "PutSecretValue", "UpdateSecretVersionStage"} {
			w := newWorld(t)
			w.create(t, "alice")
			var dead atomic.Bool
			w.on(func(called string, serve func()) {
				if !dead.Load() && (called != op || served) {
					serve()
				}
				if called == op {
					dead.Store(true)
				}
				if dead.Load() {
					panic(http.ErrAbortHandler)
				}
			})
			if _, err := w.Change(t.Context(), Issuing, Adding(key("bob"))); err == nil {
				t.Errorf("killed at %s: no error", op)
			}
			w.on(nil)
			want := []string{"alice"}
			if served && step == 3 {
				want = []string{"alice", "bob"}
			}
			if diff := cmp.Diff(want, w.ids(t)); diff != "" {
				t.Errorf("killed at %s, served %v (-want +got):\n%s", op, served, diff)
			}
			w.create(t, "carol")
			if diff := cmp.Diff(append(want, "carol"), w.ids(t)); diff != "" {
				t.Errorf("after a writer was killed at %s (-want +got):\n%s", op, diff)
			}
		}
	}
}

// The move is served, its response is lost, and the client's own retry fails. That
// is not a lost race.
func TestLostResponse(t *testing.T) {
	w := newWorld(t)
	w.create(t, "alice")
	var lost atomic.Bool
	w.on(func(op string, serve func()) {
		serve()
		if op == "UpdateSecretVersionStage" && !lost.Swap(true) {
			panic(http.ErrAbortHandler)
		}
	})
	if got := w.create(t, "bob"); !got.Changed {
		t.Errorf("got %+v", got)
	}
	if n := strings.Count(strings.Join(w.calls, " "), "PutSecretValue"); n != 2 {
		t.Errorf("%d puts for two changes", n)
	}
}

// An entry that is also the deployment key expires instead of being removed. If the edit is
// called again, after a lost race or a lost response, it gives the same result.
func TestRemovingDeploymentKey(t *testing.T) {
	w := newWorld(t)
	w.create(t, "legacy", "bob")
	next := func(old apikey.Key) (apikey.Key, error) { return apikey.Key{SHA256: apikey.Hash("next")}, nil }
	if _, err := w.Change(t.Context(), Issuing, Rotating("legacy", next, noon.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	w.o.DeploymentKey = func(context.Context) apikey.Fingerprint { return apikey.Fingerprint(apikey.Hash("legacy")) }
	edit := w.Removing(t.Context(), "legacy", func(entries []apikey.Key) error {
		if !slices.ContainsFunc(entries, func(k apikey.Key) bool { return k.SHA256 == apikey.Hash("next") }) {
			return errors.New("the key is not among them")
		}
		return nil
	})
	// An attempt that lost a race changed nothing, so the next attempt must.
	before, err := w.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if d, err := edit(before.Document); err != nil || !d.Keys[0].Principal().Expired(noon) {
			t.Errorf("attempt %d leaves %+v, %v", i+1, d.Keys, err)
		}
	}
	// An expired key is removed like any other, also by a later attempt.
	old := apikey.Document{Keys: []apikey.Key{{ID: "old", SHA256: apikey.Hash("old"), Expires: noon.Add(-time.Hour)}}}
	remove := w.Removing(t.Context(), "old", nil)
	for i := range 2 {
		if d, err := remove(old); err != nil || len(d.Keys) != 0 {
			t.Errorf("attempt %d leaves the expired key: %+v, %v", i+1, d.Keys, err)
		}
	}
	// A key with a restriction of a newer version, which this version denies, expires too.
	newer := apikey.Document{Keys: []apikey.Key{{ID: "legacy", SHA256: apikey.Hash("legacy"), Must: []string{"x-newer"}}}}
	remove = w.Removing(t.Context(), "legacy", nil)
	for i := range 2 {
		if d, err := remove(newer); err != nil || !d.Keys[0].Expired(noon) {
			t.Errorf("attempt %d leaves a key of a newer version: %+v, %v", i+1, d.Keys, err)
		}
	}
	for i := range 2 {
		written, err := w.Change(t.Context(), Revoking, edit)
		if err != nil || written.Changed != (i == 0) {
			t.Errorf("call %d: changed %v, %v", i+1, written.Changed, err)
		}
	}
	s, err := w.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"legacy", "bob"}, w.ids(t)); diff != "" || !s.Document.Keys[0].Principal().Expired(noon) {
		t.Errorf("left is %+v (-want +got):\n%s", s.Document.Keys, diff)
	}
}

// A restriction that the deployed version does not understand is not written, but
// does not block other changes after a roll-back.
func TestNotUnderstood(t *testing.T) {
	limited := key("alice")
	limited.Must = []string{"x-rate"}
	limited.Extra = map[string]json.RawMessage{"x-rate": json.RawMessage("60")}
	w := newWorld(t)
	if _, err := w.Change(t.Context(), Issuing, Adding(limited)); !errors.Is(err, ErrNotUnderstood) || !strings.Contains(err.Error(), "x-rate") {
		t.Errorf("a field that is unknown here too: %v, want ErrNotUnderstood with its name", err)
	}
	if got := w.ids(t); len(got) > 0 {
		t.Errorf("the registry has %v", got)
	}
	w.o.Fields = append(apikey.Fields(), "x-rate")
	if _, err := w.Change(t.Context(), Issuing, Adding(limited)); err != nil {
		t.Errorf("a field that the deployed version knows: %v", err)
	}
	limits := Adding(apikey.Key{ID: "dora", SHA256: apikey.Hash("dora"), Limits: apikey.Limits{Day: 1}})
	older := New(Options{Secrets: w.o.Secrets, ID: secret, Fields: []string{"tools"}, Now: w.clock.Now})
	if _, err := older.Change(t.Context(), Issuing, limits); !errors.Is(err, ErrNotUnderstood) {
		t.Errorf("limits, which the deployed version ignores: %v, want ErrNotUnderstood", err)
	}
	w.o.Fields = []string{"tools"} // as after a roll-back
	w.create(t, "bob")
	if _, err := w.Change(t.Context(), Issuing, Adding(apikey.Key{ID: "carol", SHA256: apikey.Hash("carol"), Must: []string{"x-rate"}})); !errors.Is(err, ErrNotUnderstood) {
		t.Errorf("another key with the restriction: %v, want ErrNotUnderstood", err)
	}
	if _, err := w.Change(t.Context(), Revoking, w.Removing(t.Context(), "alice", nil)); err != nil {
		t.Errorf("revoke: %v", err)
	}
	if diff := cmp.Diff([]string{"bob"}, w.ids(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
