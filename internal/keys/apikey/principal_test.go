package apikey_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestContextRoundTrip(t *testing.T) {
	for name, p := range map[string]apikey.Principal{
		"everything":     {KeyID: "alice"},
		"nothing":        {KeyID: "alice", Tools: []string{}},
		"some":           {KeyID: "alice", Tools: []string{"calculate", "get_weather"}},
		"with an expiry": {KeyID: "alice", Expires: noon},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := apikey.ParseContext(p.Context())
			if diff := cmp.Diff(p, got); err != nil || diff != "" {
				t.Errorf("ParseContext(%v.Context()) = %v, (-want +got):\n%s", p, err, diff)
			}
		})
	}
}

func TestContextNeverExtendsTheScope(t *testing.T) {
	p := apikey.Principal{KeyID: "alice", Tools: []string{"*", "a b", ""}}
	got, err := apikey.ParseContext(p.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"calculate", "a", "b"} {
		if got.Allows(tool) {
			t.Errorf("%v became %v, which allows %q", p, got, tool)
		}
	}
}

func TestParseContextErrors(t *testing.T) {
	for name, m := range map[string]map[string]any{
		"nothing":              nil,
		"no key id":            {"tools": "*"},
		"empty key id":         {"keyId": "", "tools": "*"},
		"key id not a string":  {"keyId": 7, "tools": "*"},
		"no tools":             {"keyId": "alice"},
		"tools not a string":   {"keyId": "alice", "tools": true},
		"expires not a time":   {"keyId": "alice", "tools": "*", "expires": "soon"},
		"expires not a string": {"keyId": "alice", "tools": "*", "expires": 5},
		"expires nil":          {"keyId": "alice", "tools": "*", "expires": nil},
	} {
		if p, err := apikey.ParseContext(m); err == nil {
			t.Errorf("%s: ParseContext(%v) = %v, want an error", name, m, p)
		}
	}
}

func TestAllows(t *testing.T) {
	for _, tc := range []struct {
		tools []string
		want  bool
	}{
		{nil, true},
		{[]string{}, false},
		{[]string{"calculate"}, true},
		{[]string{"Calculate", "calculate2", "*"}, false},
	} {
		if got := (apikey.Principal{Tools: tc.tools}).Allows("calculate"); got != tc.want {
			t.Errorf("tools %q allow calculate: %v, want %v", tc.tools, got, tc.want)
		}
	}
}

func TestExpired(t *testing.T) {
	for _, tc := range []struct {
		expires time.Time
		want    bool
	}{
		{time.Time{}, false},
		{noon.Add(time.Nanosecond), false},
		{noon, true},
		{noon.Add(-time.Hour), true},
	} {
		if got := (apikey.Principal{Expires: tc.expires}).Expired(noon); got != tc.want {
			t.Errorf("key that expires at %v is expired at %v: %v, want %v", tc.expires, noon, got, tc.want)
		}
	}
}
