package keyregistry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

func TestLastVersionsAreReservedForRevoking(t *testing.T) {
	w := newWorld(t)
	w.fill(t, StopAt-1)
	if got := w.create(t, "last"); got.Capacity.Versions != StopAt {
		t.Errorf("%d versions, want %d", got.Capacity.Versions, StopAt)
	}
	var full *FullError
	if _, err := w.Change(t.Context(), Issuing, Adding(key("more"))); !errors.As(err, &full) {
		t.Fatalf("at %d versions: %v, want FullError", StopAt, err)
	}
	// When one version is a day old, one more can be written.
	if want := noon.Add(24 * time.Hour); !full.Until.Equal(want) {
		t.Errorf("the next version can be written at %v, want %v", full.Until, want)
	}
	if text := full.Error(); !strings.Contains(text, "85 versions") || !strings.Contains(text, "the last 15 of 100 are reserved for revoking") || !strings.Contains(text, "try again at 2026-11-22 12:00 UTC") {
		t.Error(text)
	}
	w.clock.Add(full.Until.Sub(w.clock.Now()) - 1)
	if _, err := w.Change(t.Context(), Issuing, Adding(key("more"))); !errors.As(err, &full) {
		t.Errorf("a moment before: %v", err)
	}
	w.clock.Add(1)
	w.create(t, "more")
}

func TestRevokingUsesTheLastVersions(t *testing.T) {
	w := newWorld(t)
	w.fill(t, Quota-1)
	last := fmt.Sprint("filler-", Quota-2)
	if _, err := w.Change(t.Context(), Revoking, w.Removing(t.Context(), last, nil)); err != nil {
		t.Fatalf("at %d versions: %v", Quota-1, err)
	}
	if got := w.ids(t); len(got) != 0 {
		t.Errorf("keys %v are left", got)
	}
	var full *FullError
	if _, err := w.Change(t.Context(), Revoking, Replacing(apikey.Document{Keys: []apikey.Key{key("a")}})); !errors.As(err, &full) || full.Until.IsZero() {
		t.Errorf("at %d versions: %v", Quota, err)
	}
}

// Versions older than a day count only while they have a label.
func TestOldVersionsDoNotCount(t *testing.T) {
	w := newWorld(t)
	w.fill(t, Quota)
	w.clock.Add(24 * time.Hour)
	capacity, err := w.Capacity(t.Context())
	if err != nil || capacity.Versions != 2 { // AWSCURRENT and AWSPREVIOUS
		t.Errorf("%d versions count, %v; want 2", capacity.Versions, err)
	}
	w.create(t, "alice")
}

// Expired keys are removed only if the document does not fit otherwise.
func TestTooLarge(t *testing.T) {
	w := newWorld(t)
	long := func(i int, expires time.Time) apikey.Key {
		k := key(fmt.Sprint("k", i))
		k.Note, k.Expires = strings.Repeat("x", 6000), expires
		return k
	}
	var d apikey.Document
	for i := range 10 {
		d.Keys = append(d.Keys, long(i, noon.Add(time.Hour)))
	}
	write := func(edit Edit) (ChangeResult, error) { return w.Change(t.Context(), Issuing, edit) }
	got, err := write(Replacing(d))
	if err != nil || got.KeysThatFit() != 0 || got.Dropped != nil {
		t.Fatalf("%d more fit, dropped %d, %v", got.KeysThatFit(), len(got.Dropped), err)
	}
	asked := 0
	w.o.DeploymentKey = func(context.Context) apikey.Fingerprint { asked++; return apikey.Fingerprint(apikey.Hash("k3")[:8]) }
	var large *TooLargeError
	if _, err = write(Adding(long(10, time.Time{}))); !errors.As(err, &large) {
		t.Fatalf("an eleventh key: %v, want TooLargeError", err)
	}
	if diff := cmp.Diff(TooLargeError{Keys: 11, Fit: 10}, *large); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	w.clock.Add(time.Hour)
	if got := w.create(t, "small"); got.Dropped != nil {
		t.Errorf("%d keys were removed although all fit", len(got.Dropped))
	}
	got, err = write(Adding(long(10, time.Time{})))
	if err != nil || len(got.Dropped) != 9 {
		t.Fatalf("dropped %d, %v; want all except the deployment key", len(got.Dropped), err)
	}
	if asked != 1 {
		t.Errorf("the registry asked %d times for the deployment key, want once", asked)
	}
	if diff := cmp.Diff([]string{"k3", "small", "k10"}, w.ids(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The error for a document that does not fit names the number of keys that would fit: the
// existing ones and those for which there is room.
func TestTooLargeWithRoomLeft(t *testing.T) {
	w := newWorld(t)
	long := func(from, n int) (keys []apikey.Key) {
		for i := range n {
			k := key(fmt.Sprint("k", from+i))
			k.Note = strings.Repeat("x", 6000)
			keys = append(keys, k)
		}
		return keys
	}
	if _, err := w.Change(t.Context(), Issuing, Adding(long(0, 6)...)); err != nil {
		t.Fatal(err)
	}
	_, err := w.Change(t.Context(), Issuing, Adding(long(6, 9)...))
	var large *TooLargeError
	if !errors.As(err, &large) {
		t.Fatalf("15 keys of 6 KB: %v, want TooLargeError", err)
	}
	if diff := cmp.Diff(TooLargeError{Keys: 15, Fit: 10}, *large); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

// TestRevokeWithoutRoomForTheRecord: in a full registry a key can be revoked, if necessary
// without a record.
func TestRevokeWithoutRoomForTheRecord(t *testing.T) {
	w := newWorld(t)
	d := apikey.Document{Keys: []apikey.Key{key("alice"), key("bob")}}
	text, err := d.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	d.Keys[1].Note = strings.Repeat("x", apikey.MaxDocument-len(text)-len(`,"note":""`))
	if _, err := w.Change(t.Context(), Issuing, Replacing(d)); err != nil {
		t.Fatal(err)
	}
	w.o.Author = func(context.Context) string { return "arn:aws:iam::123456789012:user/carol" }
	if _, err := w.Change(t.Context(), Revoking, w.Removing(t.Context(), "alice", nil)); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"bob"}, w.ids(t)); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestKeysThatFit(t *testing.T) {
	w := newWorld(t)
	empty, err := w.Read(t.Context())
	if err != nil || empty.KeysThatFit() < 350 || empty.KeysThatFit() > 450 {
		t.Errorf("%d keys fit into an empty registry, %v; want about 400", empty.KeysThatFit(), err)
	}
	full := w.create(t, "a", "b", "c")
	if n := full.KeysThatFit(); n >= apikey.MaxDocument/100 || n < apikey.MaxDocument/len(full.text)*3-10 {
		t.Errorf("%d keys fit", n)
	}
}
