package apikey_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

func TestParseLimits(t *testing.T) {
	for text, want := range map[string]apikey.Limits{
		"": {}, "60/m": {Minute: 60}, "1/m": {Minute: 1}, "1/d": {Day: 1}, "5000/d": {Day: 5000}, "60/m 5000/d": {Minute: 60, Day: 5000}, "1000000000/m": {Minute: 1_000_000_000},
	} {
		got, err := apikey.ParseLimits(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("%q was written as %q", text, got)
		}
	}
	for _, text := range []string{"60", "60/h", "m", "/m", "0/m", "-1/m", "+1/m", "1e3/m", "60/m 70/m", "1000000001/d", "99999999999999999999/d", "60 /m", "*"} {
		if got, err := apikey.ParseLimits(text); err == nil {
			t.Errorf("%q was accepted: %+v", text, got)
		}
	}
}

// TestLimitsInContext: limits are passed from the authorizer to the function, and a context
// with unreadable limits is rejected instead of treated as one without limits.
func TestLimitsInContext(t *testing.T) {
	for _, want := range []apikey.Limits{{}, {Minute: 60}, {Minute: 60, Day: 5000}} {
		p := apikey.Principal{KeyID: "alice", Limits: want}
		context := p.Context()
		if _, there := context["limits"]; there == want.IsZero() {
			t.Errorf("%+v: context %v", want, context)
		}
		got, err := apikey.ParseContext(context)
		if d := cmp.Diff(p, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	}
	for _, limits := range []any{"", "60", 60, nil, "60/m 60/m"} {
		if p, err := apikey.ParseContext(map[string]any{"keyId": "alice", "tools": "*", "limits": limits}); err == nil {
			t.Errorf("limits %v were accepted: %+v", limits, p)
		}
	}
}

// TestLimitsInDocument: this version reads what it writes, version 0.1.0 reads it and
// keeps the limits, and forms that could be misunderstood are rejected.
func TestLimitsInDocument(t *testing.T) {
	want := apikey.Document{Keys: []apikey.Key{
		{ID: "alice", SHA256: hashA, Limits: apikey.Limits{Minute: 60, Day: 5000}},
		{ID: "bob", SHA256: apikey.Hash("b"), Limits: apikey.Limits{Day: 7}},
	}}
	text, err := want.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := apikey.ParseDocument(text)
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Fatalf("%v (-want +got):\n%s", err, d)
	}
	if p := got.Keys[0].Principal(); p.Limits != want.Keys[0].Limits || p.Expired(noon) {
		t.Errorf("alice's principal is %+v", p)
	}
	old, err := parseDocument010(text)
	if err != nil {
		t.Fatalf("version 0.1.0 rejects the document: %v", err)
	}
	if kept := string(old.Keys[0].Extra["x-limits"]); kept != `{"minute":60,"day":5000}` {
		t.Errorf("version 0.1.0 keeps the limits as %q", kept)
	}
	if d := cmp.Diff([]string{"x-limits"}, want.Keys[0].Ignored([]string{"id", "sha256", "tools", "expires"})); d != "" {
		t.Errorf("what version 0.1.0 ignores (-want +got):\n%s", d)
	}
	if ignored := want.Keys[0].Ignored(apikey.Fields()); ignored != nil {
		t.Errorf("this version ignores %q", ignored)
	}
	for _, limits := range []string{`{}`, `null`, `60`, `"60/m"`, `{"minute":0}`, `{"minute":-1}`, `{"minute":1.5}`, `{"Minute":60}`, `{"hour":60}`, `{"minute":null}`, `{"minute":60,"minute":61}`, `{"day":1000000001}`, `[]`} {
		if d, err := apikey.ParseDocument([]byte(doc(`"id":"alice","sha256":"` + hashA + `","x-limits":` + limits))); err == nil {
			t.Errorf("x-limits %s was accepted: %+v", limits, d.Keys)
		}
	}
}

// Limits out of range in a document are an error, not limits without effect.
func TestLimitsOutOfRange(t *testing.T) {
	for _, text := range []string{`{"minute":-1}`, `{"day":-1}`, `{"minute":1,"day":-1}`, `{"minute":-1,"day":1}`, `{"minute":1000000001}`, `{"day":1000000001}`, `{"minute":0}`, `{}`, `{"hour":1}`} {
		var l apikey.Limits
		if err := l.UnmarshalJSON([]byte(text)); err == nil {
			t.Errorf("%s was accepted: %+v", text, l)
		}
	}
}

// Ignored names each restriction that a reader ignores once, whether it must be understood
// or not.
func TestIgnoredLimits(t *testing.T) {
	limited := apikey.Key{ID: "alice", Limits: apikey.Limits{Minute: 1}}
	must := limited
	must.Must = []string{"x-limits", "x-rate"}
	for name, test := range map[string]struct {
		key    apikey.Key
		fields []string
		want   []string
	}{
		"no limits":             {apikey.Key{ID: "alice"}, []string{"tools"}, nil},
		"ignored":               {limited, []string{"tools"}, []string{"x-limits"}},
		"understood":            {limited, []string{"x-limits"}, nil},
		"must be understood":    {must, []string{"tools"}, []string{"x-limits", "x-rate"}},
		"understood in a part":  {must, []string{"x-limits"}, []string{"x-rate"}},
		"understood altogether": {must, []string{"x-limits", "x-rate"}, nil},
	} {
		if got := test.key.Ignored(test.fields); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
