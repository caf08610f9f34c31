package apikey_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

var (
	hashA = strings.Repeat("a", 64)
	hashB = strings.Repeat("b", 64)
)

// doc returns a document with the entries, given without braces. A leading "A"
// stands for a valid id and hash.
func doc(entries ...string) string {
	var objects []string
	for _, e := range entries {
		if rest, found := strings.CutPrefix(e, "A"); found {
			e = `"id":"alice","sha256":"` + hashA + `"` + rest
		}
		objects = append(objects, "{"+e+"}")
	}
	return `{"keys":[` + strings.Join(objects, ",") + `]}`
}

func TestParseDocument(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want []apikey.Key
	}{
		"empty":    {`{"keys":[]}`, []apikey.Key{}},
		"one":      {doc(`A`), []apikey.Key{{ID: "alice", SHA256: hashA}}},
		"no tools": {doc(`A,"tools":[]`), []apikey.Key{{ID: "alice", SHA256: hashA, Tools: []string{}}}},
		"all fields": {
			doc(`A,"created":"2026-11-21T12:00:00Z","expires":"2026-11-21T13:00:00+01:00","tools":["a_b","c.d-E"],"note":"it is null"`),
			[]apikey.Key{{ID: "alice", SHA256: hashA, Created: noon, Expires: noon, Tools: []string{"a_b", "c.d-E"}, Note: "it is null"}},
		},
		"upper-case hash": {doc(`"id":"a","sha256":"` + strings.ToUpper(hashA) + `"`), []apikey.Key{{ID: "a", SHA256: hashA}}},
		"white space":     {" \n" + doc(`A`) + "\n", []apikey.Key{{ID: "alice", SHA256: hashA}}},
		"extra": {doc(`A,"x-team":{"n":1e99}`), []apikey.Key{{
			ID: "alice", SHA256: hashA,
			Extra: map[string]json.RawMessage{"x-team": json.RawMessage(`{"n":1e99}`)},
		}}},
		"a grace period": {
			doc(`A,"expires":"2026-11-21T12:00:00Z"`, `"id":"alice","sha256":"`+hashB+`"`),
			[]apikey.Key{{ID: "alice", SHA256: hashA, Expires: noon}, {ID: "alice", SHA256: hashB}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := apikey.ParseDocument([]byte(tc.text))
			if err != nil {
				t.Fatalf("ParseDocument(%s) = %v", tc.text, err)
			}
			if diff := cmp.Diff(tc.want, got.Keys); diff != "" {
				t.Errorf("ParseDocument(%s) (-want +got):\n%s", tc.text, diff)
			}
		})
	}
}

func TestParseDocumentErrors(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                     "",
		"not JSON":                    "mcp_main_secret",
		"cut":                         doc(`A`)[:40],
		"null":                        "null",
		"array":                       "[]",
		"no keys":                     "{}",
		"keys null":                   `{"keys":null}`,
		"keys not an array":           `{"keys":{}}`,
		"entry null":                  `{"keys":[null]}`,
		"entry text":                  `{"keys":["secret"]}`,
		"more after it":               doc(`A`) + "{}",
		"garbage after":               doc(`A`) + "x",
		"keys twice":                  `{"keys":[],"keys":[]}`,
		"Keys":                        `{"Keys":[]}`,
		"unknown field in capitals":   `{"keys":[],"Version":2}`,
		"unknown field, no name":      `{"keys":[],"":2}`,
		"unknown field with blank":    doc(`A,"to ols":["calculate"]`),
		"unknown field, a dash":       doc(`A,"tool-s":["calculate"]`),
		"unknown field, Cyrillic":     doc(`A,"tооls":["calculate"]`),
		"unknown field, x-Must":       doc(`A,"x-Must":["x-rate"]`),
		"document must":               `{"keys":[],"x-must":["x-all"]}`,
		"must null":                   doc(`A,"x-must":null`),
		"must text":                   doc(`A,"x-must":"x-rate"`),
		"must an empty name":          doc(`A,"x-must":[""]`),
		"must a long name":            doc(`A,"x-must":["` + strings.Repeat("a", 129) + `"]`),
		"unknown field of a key":      doc(`A,"tool":["calculate"]`),
		"field in another case":       doc(`A,"Tools":["calculate"]`),
		"tools twice":                 doc(`A,"tools":[],"tools":["a"]`),
		"tools null":                  doc(`A,"tools":null`),
		"tools text":                  doc(`A,"tools":"calculate"`),
		"tool null":                   doc(`A,"tools":[null]`),
		"tool star":                   doc(`A,"tools":["*"]`),
		"tool with a space":           doc(`A,"tools":["a b"]`),
		"tool empty":                  doc(`A,"tools":[""]`),
		"tool too long":               doc(`A,"tools":["` + strings.Repeat("a", 129) + `"]`),
		"expires null":                doc(`A,"expires":null`),
		"expires empty":               doc(`A,"expires":""`),
		"expires a number":            doc(`A,"expires":1795262400`),
		"expires without zone":        doc(`A,"expires":"2026-11-21T12:00:00"`),
		"expires the zero time":       doc(`A,"expires":"0001-01-01T00:00:00Z"`),
		"expires in the year 10000":   doc(`A,"expires":"9999-12-31T23:59:59-01:00"`),
		"created the zero time":       doc(`A,"created":"0001-01-01T00:00:00Z"`),
		"note not a string":           doc(`A,"note":1`),
		"no id":                       doc(`"sha256":"` + hashA + `"`),
		"no hash":                     doc(`"id":"alice"`),
		"hash too short":              doc(`"id":"alice","sha256":"` + hashA[2:] + `"`),
		"hash too long":               doc(`"id":"alice","sha256":"` + hashA + `aa"`),
		"hash not hex":                doc(`"id":"alice","sha256":"` + strings.Repeat("x", 64) + `"`),
		"id empty":                    doc(`"id":"","sha256":"` + hashA + `"`),
		"id upper case":               doc(`"id":"Alice","sha256":"` + hashA + `"`),
		"id starts with -":            doc(`"id":"-a","sha256":"` + hashA + `"`),
		"id with a newline":           doc(`"id":"a\n","sha256":"` + hashA + `"`),
		"id too long":                 doc(`"id":"` + strings.Repeat("a", 64) + `","sha256":"` + hashA + `"`),
		"hash twice":                  doc(`A`, `"id":"bob","sha256":"`+hashA+`"`),
		"hash twice, other case":      doc(`A`, `"id":"bob","sha256":"`+strings.ToUpper(hashA)+`"`),
		"id twice without an expiry":  doc(`A`, `"id":"alice","sha256":"`+hashB+`"`),
		"id twice, the later expires": doc(`A`, `"id":"alice","sha256":"`+hashB+`","expires":"2026-11-21T12:00:00Z"`),
		"too large":                   doc(`A,"note":"` + strings.Repeat("n", 64*1024) + `"`),
	} {
		d, err := apikey.ParseDocument([]byte(text))
		if err == nil {
			t.Errorf("%s: ParseDocument(%.200s) = %v, want an error", name, text, d)
			continue
		}
		if (name == "keys twice" || name == "tools twice") && !strings.Contains(err.Error(), "occurs twice") {
			t.Errorf("%s: the error is %v", name, err)
		}
		if strings.HasPrefix(name, "unknown field") && !strings.Contains(err.Error(), name[:13]) {
			t.Errorf("%s: the error does not name it: %v", name, err)
		}
		for _, secret := range []string{"mcp_main_secret", hashA, "calculate"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error quotes the document: %v", name, err)
			}
		}
	}
}

func TestMarshalKeepsEverything(t *testing.T) {
	text := `{"keys":[{"id":"alice","sha256":"` + hashA + `","created":"2026-11-21T12:00:00.5Z",` +
		`"expires":"2027-11-21T12:00:00Z","tools":[],"note":"ü \u003c","x-a":[1,null],"x-b":{"c":2}},` +
		`{"id":"bob","sha256":"` + hashB + `"}],"x-doc":"y"}`
	d, err := apikey.ParseDocument([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Marshal()
	if diff := cmp.Diff(text, string(got)); err != nil || diff != "" {
		t.Errorf("Marshal: %v, (-want +got):\n%s", err, diff)
	}
}

// The earliest and the latest possible expiry.
func TestExpiryRange(t *testing.T) {
	for text, ok := range map[string]bool{
		"1999-12-31T23:59:59Z": false, "2000-01-01T00:00:00Z": true, "9999-12-31T23:59:59Z": true, "9999-12-31T23:59:59-00:01": false, "2000-01-01T00:00:00+00:01": false,
	} {
		if _, err := apikey.ParseDocument([]byte(doc(`A,"expires":"` + text + `"`))); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestMarshalErrors(t *testing.T) {
	good := apikey.Key{ID: "alice", SHA256: hashA}
	for name, d := range map[string]apikey.Document{
		"bad id":     {Keys: []apikey.Key{{ID: "Alice", SHA256: hashA}}},
		"plain key":  {Keys: []apikey.Key{{ID: "alice", SHA256: known}}},
		"twice":      {Keys: []apikey.Key{good, good}},
		"too large":  {Keys: []apikey.Key{{ID: "alice", SHA256: hashA, Note: strings.Repeat("n", 64*1024)}}},
		"extra keys": {Extra: map[string]json.RawMessage{"keys": json.RawMessage("[]")}},
		"year 10000": {Keys: []apikey.Key{{ID: "alice", SHA256: hashA, Expires: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}}},
		"key's text": {Keys: []apikey.Key{{ID: "alice", SHA256: hashA, Extra: map[string]json.RawMessage{"x-a": json.RawMessage("x")}}}},
		"extra text": {Extra: map[string]json.RawMessage{"x-a": json.RawMessage("x")}},
	} {
		if data, err := d.Marshal(); err == nil {
			t.Errorf("%s: Marshal = %s, want an error", name, data)
		}
	}
	if data, err := json.Marshal(apikey.Key{ID: "alice", SHA256: hashA, Expires: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}); err == nil {
		t.Errorf("a key that expires in the year 10000: %s, want an error", data)
	}
	empty, err := apikey.Document{}.Marshal()
	if string(empty) != `{"keys":[]}` || err != nil {
		t.Errorf("Marshal of no keys = %s, %v", empty, err)
	}
}
