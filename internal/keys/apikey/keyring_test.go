package apikey_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

// entry returns an entry of a document for a plain key.
func entry(id, plain, more string) string {
	return `"id":"` + id + `","sha256":"` + apikey.Hash(plain) + `"` + more
}

func mustKeyring(t testing.TB, defaultSecret, issued string) *apikey.Keyring {
	t.Helper()
	ring, err := apikey.NewKeyring(defaultSecret, issued)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestHash(t *testing.T) {
	// `printf abc | sha256sum`
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := apikey.Hash("abc"); got != want {
		t.Errorf("Hash(abc) = %s, want %s", got, want)
	}
}

func TestLookup(t *testing.T) {
	issued := doc(
		entry("alice", "old", `,"expires":"2026-11-21T12:00:00Z"`),
		entry("alice", "new", ``),
		entry("bob", "bobs", `,"tools":[]`),
	)
	withDocument := mustKeyring(t, doc(entry("default", known, `,"tools":["calculate"]`)), issued)
	withPlain := mustKeyring(t, known, issued)
	none := mustKeyring(t, "", "")
	for _, tc := range []struct {
		name  string
		ring  *apikey.Keyring
		plain string
		want  apikey.Principal // zero means not found
	}{
		{"default of a document", withDocument, known, apikey.Principal{KeyID: "default", Tools: []string{"calculate"}}},
		{"default in plain", withPlain, known, apikey.Principal{KeyID: "default"}},
		{"in its grace period", withPlain, "old", apikey.Principal{KeyID: "alice", Expires: noon}},
		{"its successor", withPlain, "new", apikey.Principal{KeyID: "alice"}},
		{"no tools", withPlain, "bobs", apikey.Principal{KeyID: "bob", Tools: []string{}}},
		{"unknown", withPlain, "bob", apikey.Principal{}},
		{"empty", withPlain, "", apikey.Principal{}},
		{"a hash", withPlain, apikey.Hash("bobs"), apikey.Principal{}},
		{"one more character", withPlain, known + "0", apikey.Principal{}},
		{"empty keyring", none, known, apikey.Principal{}},
		{"empty key, empty keyring", none, "", apikey.Principal{}},
	} {
		got, ok := tc.ring.Lookup(tc.plain)
		if diff := cmp.Diff(tc.want, got); diff != "" || ok != (tc.want.KeyID != "") {
			t.Errorf("%s: Lookup(%q) = %v, %v (-want +got):\n%s", tc.name, tc.plain, got, ok, diff)
		}
	}
}

func TestLookupRejectsByLength(t *testing.T) {
	endless := strings.Repeat("x", apikey.MaxLength+1)
	ring := mustKeyring(t, "", doc(entry("nobody", "", ""), entry("endless", endless, "")))
	for _, plain := range []string{"", endless} {
		if p, ok := ring.Lookup(plain); ok {
			t.Errorf("Lookup of %d characters = %v, want none although its hash is listed", len(plain), p)
		}
	}
}

func TestNewKeyringErrors(t *testing.T) {
	for name, tc := range map[string]struct{ defaultSecret, issued, want string }{
		"plain issued key":        {"", known, "issued keys"},
		"issued garbage":          {known, "{}", "issued keys"},
		"issued white space":      {known, " ", "issued keys"},
		"issued default":          {"", doc(entry("default", known, "")), "default"},
		"weak default":            {"garbage", "", "default key"},
		"default with a line end": {known + "\n", "", "default key"},
		"default not a document":  {`{"keys":`, "", "default key"},
		"default JSON":            {`{"password":"x"}`, "", "default key"},
		"default with a name":     {doc(entry("alice", known, "")), "", "default key: key document, entry 1: name is not"},
		"one bad entry":           {known, doc(entry("alice", "a", ""), entry("bob", "b", `,"tools":null`)), "issued keys"},
		"one default key twice":   {doc(entry("default", known, `,"expires":"2099-01-01T00:00:00Z"`), entry("default", known, "")), "", "same key"},
		"one key twice":           {"", doc(entry("alice", known, ""), entry("bob", known, "")), "same key"},
	} {
		ring, err := apikey.NewKeyring(tc.defaultSecret, tc.issued)
		if err == nil {
			t.Errorf("%s: NewKeyring = %d keys, want an error", name, ring.Len())
		} else if !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), known) {
			t.Errorf("%s: NewKeyring = %v, want %q in it and no key", name, err, tc.want)
		}
	}
}

// The deployment key may be imported as an issued key, and an issued key may become
// the deployment key. Neither locks anyone out or extends the issued entry.
func TestKeyInBothSecrets(t *testing.T) {
	for name, tc := range map[string]struct {
		more string // of the issued entry
		want apikey.Principal
	}{
		"unrestricted":   {"", apikey.Principal{KeyID: "legacy"}},
		"scoped":         {`,"tools":["calculate"]`, apikey.Principal{KeyID: "legacy", Tools: []string{"calculate"}}},
		"no tools":       {`,"tools":[]`, apikey.Principal{KeyID: "legacy", Tools: []string{}}},
		"with an expiry": {`,"expires":"2026-11-21T12:00:00Z"`, apikey.Principal{KeyID: "legacy", Expires: noon}},
	} {
		issued := doc(entry("alice", "a", ""), entry("legacy", known, tc.more), entry("bob", "b", ""))
		for kind, defaultSecret := range map[string]string{"plain": known, "document": doc(entry("default", known, ""))} {
			ring := mustKeyring(t, defaultSecret, issued)
			got, ok := ring.Lookup(known)
			if diff := cmp.Diff(tc.want, got); diff != "" || !ok {
				t.Errorf("%s, %s: Lookup = %v, %v (-want +got):\n%s", name, kind, got, ok, diff)
			}
			if p, ok := ring.Lookup("a"); !ok || p.KeyID != "alice" {
				t.Errorf("%s, %s: the other keys are not found: %v, %v", name, kind, p, ok)
			}
			if diff := cmp.Diff([]string{"legacy"}, ring.Shared()); diff != "" {
				t.Errorf("%s, %s: Shared (-want +got):\n%s", name, kind, diff)
			}
		}
	}
	if shared := mustKeyring(t, known, doc(entry("alice", "a", ""))).Shared(); len(shared) > 0 {
		t.Errorf("Shared = %v, want none", shared)
	}
}

func TestRememberRevoked(t *testing.T) {
	first := mustKeyring(t, known, doc(entry("alice", "a", ""), entry("bob", "b", "")))
	second := mustKeyring(t, known, doc(entry("bob", "b", "")))
	second.RememberRevoked(first)
	third := mustKeyring(t, known, doc(entry("bob", "b2", "")))
	third.RememberRevoked(second)
	for plain, want := range map[string]string{"a": "alice", "b": "bob", "b2": "", known: "", "c": ""} {
		if got, ok := third.Revoked(plain); got.KeyID != want || ok != (want != "") {
			t.Errorf("Revoked(%q) = %v, %v; want %q", plain, got, ok, want)
		}
	}
	restored := mustKeyring(t, "", doc(entry("alice", "a", "")))
	restored.RememberRevoked(third)
	if p, ok := restored.Revoked("a"); ok {
		t.Errorf("a restored key counts as revoked: %v", p)
	}
}

// A keyring with many predecessors does not grow without limit.
func TestRememberRevokedIsBounded(t *testing.T) {
	ring := mustKeyring(t, "", "")
	remembered := 0
	for generation := range 15 {
		var entries []string
		for i := range 400 {
			entries = append(entries, entry(fmt.Sprint(i), fmt.Sprint(generation, "/", i), ""))
		}
		next := mustKeyring(t, "", doc(entries...))
		next.RememberRevoked(ring)
		ring = next
	}
	for generation := range 15 {
		for i := range 400 {
			if _, found := ring.Revoked(fmt.Sprint(generation, "/", i)); found {
				remembered++
			}
		}
	}
	if remembered < 400 || remembered > 4096 {
		t.Errorf("the keyring remembers %d of 5600 revoked keys, want at most 4096", remembered)
	}
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{1, 400} {
		entries := make([]string, n)
		for i := range entries {
			entries[i] = entry(fmt.Sprintf("key-%d", i), fmt.Sprintf("%s-%d", known, i), "")
		}
		ring := mustKeyring(b, "", doc(entries...))
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			for b.Loop() {
				ring.Lookup(known + "-0")
			}
		})
	}
}
