package apikey_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"serverless-mcp/internal/keys/apikey"
)

// For any stored text: the parser does not panic, Marshal loses nothing of an accepted
// document, and the authorizer's context extends no key's scope.
func FuzzParseDocument(f *testing.F) {
	for _, seed := range []string{
		``, `null`, `{}`, `{"keys":[]}`, `{"keys":[{}]}`, `{"keys":null}`, `[`, `{"keys":[]}}`,
		doc(`A`), doc(`A,"tools":["a","*"]`), doc(`A,"tools":[],"tools":[]`), doc(`A,"Tools":[]`),
		doc(`A,"expires":"2026-11-21T12:00:00.123456789+14:00","note":"\ud800","x-\u0000":1`),
		doc(`A,"x-must":["tools","x-rate"],"x-rate":1,"limit":{}`), doc(`A,"x-must":["note"],"Limit":1`),
		doc(`A,"expires":"0001-01-01T00:00:00Z"`), doc(`A`, `A`),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := apikey.ParseDocument(data)
		if err != nil {
			return
		}
		for _, k := range d.Keys {
			want := k.Principal()
			p, err := apikey.ParseContext(want.Context())
			if err != nil || len(p.Tools) != len(want.Tools) || (p.Tools == nil) != (want.Tools == nil) ||
				p.Expires.After(want.Expires) || p.Expires.IsZero() != want.Expires.IsZero() {
				t.Errorf("key %+v became principal %+v, %v", k, p, err)
			}
			if understood := len(k.NotUnderstood(apikey.Fields())) == 0; understood && len(want.Tools) != len(k.Tools) || !understood && !want.Expired(noon) {
				t.Errorf("key %+v has the principal %+v", k, want)
			}
		}
		written, err := d.Marshal()
		if err != nil {
			if len(data) < apikey.MaxDocument/8 { // escapes may grow
				t.Errorf("Marshal of %q: %v", data, err)
			}
			return
		}
		again, err := apikey.ParseDocument(written)
		if err != nil {
			t.Fatalf("ParseDocument(%q) after Marshal: %v", written, err)
		}
		opts := cmp.Options{cmpopts.EquateEmpty(), cmp.Transformer("compact", compact)}
		if diff := cmp.Diff(d, again, opts); diff != "" {
			t.Errorf("%q was written as %q (-before +after):\n%s", data, written, diff)
		}
	})
}

func FuzzNewKeyring(f *testing.F) {
	f.Add(known, doc(`A`))
	f.Add(doc(`A`), "")
	f.Add("", known)
	f.Add("{", "{}")
	f.Fuzz(func(t *testing.T, defaultSecret, issued string) {
		ring, err := apikey.NewKeyring(defaultSecret, issued)
		if err != nil {
			return
		}
		if p, ok := ring.Lookup(""); ok {
			t.Errorf("the empty key is %v", p)
		}
		if p, ok := ring.Lookup(issued); ok && issued != defaultSecret {
			t.Errorf("the issued secret %q itself is the key of %v", issued, p)
		}
	})
}

func compact(raw json.RawMessage) string {
	var out bytes.Buffer
	if json.Compact(&out, raw) != nil {
		return "not JSON"
	}
	return out.String()
}
