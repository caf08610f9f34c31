package apikey_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

func TestDifferences(t *testing.T) {
	key := func(id, plain string, change func(*apikey.Key)) apikey.Key {
		k := apikey.Key{ID: id, SHA256: apikey.Hash(plain), Tools: []string{"a"}}
		if change != nil {
			change(&k)
		}
		return k
	}
	a, b := key("alice", "a", nil), key("bob", "b", nil)
	for name, tt := range map[string]struct {
		before, after []apikey.Key
		want          []string
	}{
		"nothing": {[]apikey.Key{a, b}, []apikey.Key{b, a}, nil},
		"add":     {[]apikey.Key{a}, []apikey.Key{a, b}, []string{"add bob"}},
		"remove":  {[]apikey.Key{a, b}, []apikey.Key{b}, []string{"remove alice"}},
		"rotate":  {[]apikey.Key{a}, []apikey.Key{key("alice", "a", func(k *apikey.Key) { k.Expires = noon }), key("alice", "a2", nil)}, []string{"rotate alice"}},
		"earlier": {[]apikey.Key{key("alice", "a0", func(k *apikey.Key) { k.Expires = noon }), a}, []apikey.Key{a}, []string{"drop an earlier key of alice"}},
		"expire":  {[]apikey.Key{a}, []apikey.Key{key("alice", "a", func(k *apikey.Key) { k.Expires = noon })}, []string{"expire alice"}},
		"limit":   {[]apikey.Key{a}, []apikey.Key{key("alice", "a", func(k *apikey.Key) { k.Limits.Day = 1 })}, []string{"limit alice"}},
		"scope":   {[]apikey.Key{a}, []apikey.Key{key("alice", "a", func(k *apikey.Key) { k.Tools = nil })}, []string{"scope alice"}},
		"note":    {[]apikey.Key{a}, []apikey.Key{key("alice", "a", func(k *apikey.Key) { k.Note = "n" })}, []string{"note alice"}},
		"unknown": {[]apikey.Key{a}, []apikey.Key{key("alice", "a", func(k *apikey.Key) { k.Extra = map[string]json.RawMessage{"x-team": []byte("1")} })}, []string{"change alice"}},
		"several": {[]apikey.Key{a, b}, []apikey.Key{key("alice", "a", func(k *apikey.Key) { k.Note, k.Limits.Minute = "n", 2 }), key("carol", "c", nil)}, []string{"limit alice", "note alice", "remove bob", "add carol"}},
	} {
		if d := cmp.Diff(tt.want, apikey.Differences(apikey.Document{Keys: tt.before}, apikey.Document{Keys: tt.after})); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// TestChangeInDocument: the record survives, version 0.1.0 reads the document, and an
// unreadable record does not make the document invalid.
func TestChangeInDocument(t *testing.T) {
	want := apikey.Change{Version: "v2", Previous: "v1", At: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC), By: "arn:aws:iam::1:user/a", Tool: "mcpctl 0.1.0", What: []string{"add alice"}}
	d := apikey.Document{Keys: []apikey.Key{{ID: "alice", SHA256: hashA}}}
	recorded := d.WithChange(apikey.Change{Version: "v1"}).WithChange(want)
	text, err := recorded.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	read, err := apikey.ParseDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := read.LastChange(); !ok || cmp.Diff(want, got) != "" {
		t.Errorf("%v (-want +got):\n%s", ok, cmp.Diff(want, got))
	}
	if old, err := parseDocument010(text); err != nil || len(old.Keys) != 1 || old.Extra["x-change"] == nil {
		t.Errorf("version 0.1.0 reads %+v, %v", old, err)
	}
	if _, ok := d.LastChange(); ok || d.Extra != nil {
		t.Error("WithChange has changed its receiver")
	}
	if diff := cmp.Diff(d, recorded.WithoutChange()); diff != "" {
		t.Errorf("WithoutChange (-want +got):\n%s", diff)
	}
	d.Extra = map[string]json.RawMessage{"x-more": json.RawMessage("1")}
	if diff := cmp.Diff(d, d.WithChange(want).WithoutChange()); diff != "" {
		t.Errorf("WithoutChange drops other fields (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(d, d.WithoutChange()); diff != "" {
		t.Errorf("WithoutChange without a record (-want +got):\n%s", diff)
	}
	d.Extra = nil
	for _, record := range []string{"null", "7", "{}", `{"version":7}`, `{"version":"v","at":"yesterday"}`} {
		d, err := apikey.ParseDocument([]byte(`{"keys":[],"x-change":` + record + `}`))
		if err != nil {
			t.Errorf("the record %s makes the document invalid: %v", record, err)
		}
		if c, ok := d.LastChange(); ok {
			t.Errorf("the record %s was read as %+v", record, c)
		}
	}
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprint("add k", i))
	}
	if c, _ := d.WithChange(apikey.Change{Version: "v", What: many}).LastChange(); len(c.What) != 20 || c.More != 80 {
		t.Errorf("of 100 differences %d are listed and %d are counted", len(c.What), c.More)
	}
}
