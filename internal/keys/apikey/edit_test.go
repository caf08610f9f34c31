package apikey_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

func TestEdits(t *testing.T) {
	one := apikey.Document{Keys: []apikey.Key{{ID: "alice", SHA256: hashA}, {ID: "bob", SHA256: hashB}}}
	next := apikey.Key{ID: "alice", SHA256: apikey.Hash("next"), Tools: []string{"calculate"}}
	rotated, err := one.Rotate(next, noon)
	if err != nil {
		t.Fatal(err)
	}
	limited := apikey.Document{Keys: []apikey.Key{{ID: "alice", SHA256: hashA, Expires: noon.Add(time.Hour)}}}
	for graceEnds, want := range map[time.Time]time.Time{noon: noon, noon.Add(2 * time.Hour): noon.Add(time.Hour)} {
		if d, err := limited.Rotate(next, graceEnds); err != nil || !d.Keys[0].Expires.Equal(want) {
			t.Errorf("a key that expires at 13:00, with a grace until %v: %+v, %v; want %v", graceEnds, d.Keys, err, want)
		}
	}
	again, err := rotated.Rotate(apikey.Key{ID: "alice", SHA256: apikey.Hash("third")}, noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]apikey.Document{"rotated": rotated, "again": again} {
		if _, err := d.Marshal(); err != nil {
			t.Errorf("%s: Marshal: %v", name, err)
		}
	}
	want := []time.Time{noon, {}, noon.Add(time.Hour), {}}
	var got []time.Time
	for _, k := range again.Keys {
		got = append(got, k.Expires)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("expiries after two rotations (-want +got):\n%s", diff)
	}
	if k, ok := rotated.Current("alice"); !ok || k.SHA256 != next.SHA256 {
		t.Errorf("Current(alice) = %v, %v; want %v", k, ok, next)
	}

	kept, expired := again.WithoutExpired(noon, "")
	if len(kept.Keys) != 3 || len(expired) != 1 || expired[0].SHA256 != hashA {
		t.Errorf("WithoutExpired keeps %v and drops %v", kept.Keys, expired)
	}
	if kept, expired = again.WithoutExpired(noon, apikey.Fingerprint(hashA[:8])); len(kept.Keys) != 4 || len(expired) != 0 {
		t.Errorf("WithoutExpired keeps %v, deployment key included, and drops %v", kept.Keys, expired)
	}
	removed, err := again.Revoke("alice", "", noon)
	if err != nil || len(removed.Keys) != 1 || removed.Keys[0].ID != "bob" {
		t.Errorf("Revoke(alice) leaves %v, %v", removed.Keys, err)
	}
	if diff := cmp.Diff([]apikey.Key{{ID: "alice", SHA256: hashA}, {ID: "bob", SHA256: hashB}}, one.Keys); diff != "" {
		t.Errorf("the edits changed their receiver (-want +got):\n%s", diff)
	}
}

// The entry of the deployment key expires at once, even by slow clocks, and the expiry
// does not change when the key is revoked again.
func TestRevokeDeploymentKey(t *testing.T) {
	d := apikey.Document{Keys: []apikey.Key{
		{ID: "legacy", SHA256: hashA, Expires: noon.Add(time.Hour)}, {ID: "legacy", SHA256: hashB},
		{ID: "bob", SHA256: apikey.Hash("bob")},
	}}
	deployment := apikey.Fingerprint(hashA)
	revoked, err := d.Revoke("legacy", deployment, noon)
	if err != nil {
		t.Fatal(err)
	}
	want := []apikey.Key{{ID: "legacy", SHA256: hashA, Expires: noon.Add(-24 * time.Hour)}, d.Keys[2]}
	if diff := cmp.Diff(want, revoked.Keys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := revoked.Revoke("legacy", deployment, noon.Add(time.Minute))
	if diff := cmp.Diff(want, again.Keys); diff != "" || err != nil {
		t.Errorf("the second time: %v (-want +got):\n%s", err, diff)
	}
	if gone, err := again.Revoke("legacy", "", noon); err != nil || len(gone.Keys) != 1 {
		t.Errorf("without a deployment key: %v, %v", gone.Keys, err)
	}
}

// A key with a restriction of a newer version, which this version denies, is not expired: to
// make room it is kept, and when it is revoked, the newer version must deny it too.
func TestEditKeyOfANewerVersion(t *testing.T) {
	newer := apikey.Key{ID: "alice", SHA256: hashA, Must: []string{"x-newer"}}
	d := apikey.Document{Keys: []apikey.Key{newer, {ID: "bob", SHA256: hashB, Expires: noon}}}
	if kept, expired := d.WithoutExpired(noon, ""); len(kept.Keys) != 1 || kept.Keys[0].ID != "alice" || len(expired) != 1 {
		t.Errorf("WithoutExpired keeps %v and drops %v", kept.Keys, expired)
	}
	revoked, err := d.Revoke("alice", apikey.Fingerprint(hashA), noon)
	if err != nil || !revoked.Keys[0].Expired(noon) {
		t.Errorf("Revoke leaves %v, %v; want an entry that has expired", revoked.Keys, err)
	}
}

func TestEditErrors(t *testing.T) {
	d, err := apikey.Document{}.Add(apikey.Key{ID: "alice", SHA256: hashA})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Add(apikey.Key{ID: "alice", SHA256: hashB}); !errors.Is(err, apikey.ErrTaken) {
		t.Errorf("Add with a name in use: %v", err)
	}
	if _, err := d.Rotate(apikey.Key{ID: "bob"}, noon); !errors.Is(err, apikey.ErrUnknown) {
		t.Errorf("Rotate with an unknown name: %v", err)
	}
	if _, err := d.Revoke("bob", "", noon); !errors.Is(err, apikey.ErrUnknown) {
		t.Errorf("Revoke with an unknown name: %v", err)
	}
}
