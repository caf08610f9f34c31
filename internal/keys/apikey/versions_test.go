package apikey_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

// newer is a document of a newer version, with unknown fields: information about alice,
// and a restriction of bob.
var newer = `{"keys":[{"id":"alice","sha256":"` + apikey.Hash("a") + `","note":"laptop","by":"arn:aws:iam::1:user/x","x-team":"blue"},` +
	`{"id":"bob","sha256":"` + apikey.Hash("b") + `","x-must":["tools","x-rate"],"x-rate":{"minute":60}},` +
	`{"id":"carol","sha256":"` + apikey.Hash("c") + `","tools":["calculate"],"x-must":["tools"]}],"history":[1],"audit":2,"x-doc":"y"}`

// A document of a newer version survives being read and written, and only the key
// with a restriction that is not understood is denied.
func TestNewerDocument(t *testing.T) {
	d, err := apikey.ParseDocument([]byte(newer))
	if err != nil {
		t.Fatal(err)
	}
	written, err := d.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var before, after any
	if err := json.Unmarshal([]byte(newer), &before); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(written, &after); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("after Marshal (-want +got):\n%s", diff)
	}
	// bob's key is also the deployment key, which must not lift its restriction.
	ring := mustKeyring(t, doc(entry("default", "b", "")), newer)
	for plain, want := range map[string]struct {
		id      string
		expired bool
		tools   []string
	}{"a": {"alice", false, nil}, "b": {"bob", true, []string{}}, "c": {"carol", false, []string{"calculate"}}} {
		p, ok := ring.Lookup(plain)
		if !ok || p.KeyID != want.id || p.Expired(noon) != want.expired {
			t.Errorf("%s: %+v, %v; want expired %v", want.id, p, ok, want.expired)
		}
		if diff := cmp.Diff(want.tools, p.Tools); diff != "" {
			t.Errorf("%s: tools (-want +got):\n%s", want.id, diff)
		}
	}
	if diff := cmp.Diff([]string{"x-rate"}, d.Keys[1].NotUnderstood(apikey.Fields())); diff != "" {
		t.Errorf("bob: not understood (-want +got):\n%s", diff)
	}
	if missing := d.Keys[1].NotUnderstood([]string{"tools", "x-rate"}); len(missing) > 0 {
		t.Errorf("a reader that knows both does not understand %q", missing)
	}
}

// What this version writes can be read by version 0.1.0, whose rule for an entry was:
// the fields below, and any whose name begins with "x-".
func TestReadableByVersion010(t *testing.T) {
	known := map[string]bool{"id": true, "sha256": true, "created": true, "expires": true, "tools": true, "note": true}
	for _, name := range apikey.Fields() {
		if !known[name] && name[:2] != "x-" {
			t.Errorf("version 0.1.0 rejects a document with the field %q", name)
		}
	}
	d := apikey.Document{Keys: []apikey.Key{{
		ID: "alice", SHA256: hashA, Created: noon, Expires: noon, Tools: []string{"a"}, Note: "n", Must: []string{"tools"},
		Extra: map[string]json.RawMessage{"x-team": json.RawMessage("1")},
	}}}
	text, err := d.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if err := parse010(text); err != nil {
		t.Errorf("version 0.1.0 rejects %s: %v", text, err)
	}
	if err := parse010([]byte(newer)); err == nil {
		t.Error("the reader of version 0.1.0 accepts unknown names, so it is not that reader")
	}
}

// A document of exactly the limit is read, and one byte more is not.
func TestLargestDocument(t *testing.T) {
	text := doc(`A,"note":"` + "n" + `"`)
	pad := func(size int) []byte {
		return []byte(strings.Replace(text, `"n"`, `"`+strings.Repeat("n", size-len(text)+1)+`"`, 1))
	}
	largest := pad(apikey.MaxDocument)
	if _, err := apikey.ParseDocument(largest); err != nil || len(largest) != apikey.MaxDocument {
		t.Errorf("%d bytes: %v", len(largest), err)
	}
	if _, err := apikey.ParseDocument(pad(apikey.MaxDocument + 1)); !errors.Is(err, apikey.ErrTooLarge) {
		t.Errorf("one byte more: %v, want ErrTooLarge", err)
	}
}
