package keyregistry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

func TestChanges(t *testing.T) {
	for _, bare := range []bool{false, true} {
		t.Run(fmt.Sprintf("first version bare %v", bare), func(t *testing.T) {
			w := newWorld(t)
			w.fake.FirstVersionBare = bare
			if got := w.ids(t); len(got) != 0 {
				t.Fatalf("a secret without a value has keys %v", got)
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

func TestRefusedEditsWriteNothing(t *testing.T) {
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
		"objected":       {w.Removing(t.Context(), "alice", func([]apikey.Key) error { return context.Canceled }), context.Canceled},
		"rotate unknown": {Rotating("bob", nil, noon), apikey.ErrUnknown},
		"replaced by":    {Replacing(apikey.Document{Keys: []apikey.Key{key("default")}}), ErrReserved},
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

func TestRotating(t *testing.T) {
	w := newWorld(t)
	w.create(t, "alice")
	next := apikey.Key{SHA256: apikey.Hash("next"), Created: noon}
	edit := Rotating("alice", func(apikey.Key) (apikey.Key, error) { return next, nil }, noon.Add(time.Hour))
	for range 2 { // the second time as after a lost answer
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

// A value that cannot be read may be somebody's work. Nothing overwrites it.
func TestGarbageStays(t *testing.T) {
	for _, garbage := range []string{"hello", "{}", `{"keys":[{"id":"a"}]}`,
		`{"keys":[{"id":"default","sha256":"` + apikey.Hash("x") + `"}]}`} {
		w := newWorld(t)
		w.fake.Create(secret, garbage)
		for name, edit := range map[string]Edit{"add": Adding(key("a")), "remove": w.Removing(t.Context(), "a", nil), "replace": Replacing(apikey.Document{})} {
			if _, err := w.Change(t.Context(), Revoking, edit); !errors.Is(err, ErrNotKeyDocument) {
				t.Errorf("%s to %q: %v, want ErrNotKeyDocument", name, garbage, err)
			}
		}
		if got := w.fake.Value(secret); got != garbage {
			t.Errorf("%q became %q", garbage, got)
		}
	}
}

// TestConcurrentCreators: the quota of versions is enforced by the fake.
func TestConcurrentCreators(t *testing.T) {
	w := newWorld(t)
	const creators = 10
	var all sync.WaitGroup
	for i := range creators {
		all.Go(func() {
			own := New(Options{Secrets: w.o.Secrets, ID: secret, Now: w.clock.now,
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
	room, err := w.Capacity(t.Context())
	if err != nil || room.Versions > 4*creators {
		t.Errorf("%d versions for %d changes, %v", room.Versions, creators, err)
	}
	t.Logf("%d versions for %d concurrent changes", room.Versions, creators)
}

// Who loses a race before the put has burnt no version, and after it one.
func TestLostRaceBurnsOneVersionAtMost(t *testing.T) {
	for op, burnt := range map[string]int{"ListSecretVersionIds": 0, "PutSecretValue": 1, "UpdateSecretVersionStage": 1} {
		w := newWorld(t)
		w.create(t, "first")
		other := New(Options{Secrets: w.o.Secrets, ID: secret, Now: w.clock.now})
		w.before(op, func() {
			if _, err := other.Change(t.Context(), Issuing, Adding(key("other"))); err != nil {
				t.Error(err)
			}
		})
		w.create(t, "mine")
		if diff := cmp.Diff([]string{"first", "other", "mine"}, w.ids(t)); diff != "" {
			t.Errorf("raced at %s (-want +got):\n%s", op, diff)
		}
		room, err := w.Capacity(t.Context())
		if err != nil || room.Versions != 3+burnt {
			t.Errorf("raced at %s: %d versions, %v; want %d", op, room.Versions, err, 3+burnt)
		}
	}
}

// TestFirstWriters: while nothing is current, there is nothing to compare with.
func TestFirstWriters(t *testing.T) {
	for _, bare := range []bool{false, true} {
		for _, op := range []string{"ListSecretVersionIds", "PutSecretValue", "UpdateSecretVersionStage"} {
			w := newWorld(t)
			w.fake.FirstVersionBare = bare
			other := New(Options{Secrets: w.o.Secrets, ID: secret, Now: w.clock.now})
			w.before(op, func() {
				if _, err := other.Change(t.Context(), Issuing, Adding(key("other"))); err != nil {
					t.Error(err)
				}
			})
			w.create(t, "mine")
			got := w.ids(t)
			if op == "UpdateSecretVersionStage" && !bare {
				continue // the first put is the whole write: there is no such call
			}
			if diff := cmp.Diff([]string{"other", "mine"}, got); diff != "" {
				t.Errorf("bare %v, raced at %s (-want +got):\n%s", bare, op, diff)
			}
		}
	}
}

// TestKilledAtEachStep cuts the connection for good, before or after a call is
// served, as if the process had been killed there. What is then current is the
// old registry or the new one, and the next writer gets on.
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

// TestLostAnswer: the move is served, its answer is lost, and the client's own
// retry is refused. That is no lost race.
func TestLostAnswer(t *testing.T) {
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

// What has to stay is ended, and the edit knows it again when its answer was
// lost, though the key that it was checked for is gone by then.
func TestRemovingWhatStays(t *testing.T) {
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
