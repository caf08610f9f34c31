package upgrade

import (
	"strings"
	"testing"
)

func TestPasses(t *testing.T) {
	for _, tc := range []struct {
		name, expect, text, answer, failed string
		want                               string // part of the reason; empty means that it passes
	}{
		{name: "nothing asked", answer: `null`},
		{name: "failed", answer: `{"errorType":"TypeError","errorMessage":"token abc"}`, failed: "Unhandled", want: "the function failed (Unhandled, TypeError)"},
		{name: "failed without JSON", answer: `boom`, failed: "Unhandled", want: "the function failed (Unhandled)"},
		{name: "subset", expect: `{"a":{"b":1}}`, answer: `{"a":{"b":1.0,"c":2},"d":3}`},
		{name: "field gone", expect: `{"a":{"b":1}}`, answer: `{"a":{}}`, want: "response.a lacks b"},
		{name: "other value", expect: `{"a":1}`, answer: `{"a":"secret"}`, want: "response.a is not what was expected"},
		{name: "no object", expect: `{"a":1}`, answer: `[1]`, want: "response is not an object"},
		{name: "lists are exact", expect: `{"a":[1,{"b":2}]}`, answer: `{"a":[1,{"b":2}]}`},
		{name: "list longer", expect: `[1]`, answer: `[1,2]`, want: "not what was expected"},
		{name: "object in a list is exact", expect: `[{"a":1}]`, answer: `[{"a":1,"b":2}]`, want: "not what was expected"},
		{name: "big numbers", expect: `{"id":9007199254740993}`, answer: `{"id":9007199254740993}`},
		{name: "not JSON", expect: `{}`, answer: `hello`, want: "not JSON"},
		{name: "text", text: "ok", answer: `"all ok"`},
		{name: "text gone", text: "ok", answer: `"no"`, want: "lacks the expected text"},
		{name: "null", expect: `{"a":null}`, answer: `{"a":null}`},
		{name: "null is not absent", expect: `{"a":null}`, answer: `{}`, want: "lacks a"},
	} {
		err := Test{Expect: []byte(tc.expect), Text: tc.text}.passes([]byte(tc.answer), tc.failed)
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%s: %v, want a pass", tc.name, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		case err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "token")):
			t.Errorf("%s: the reason contains data: %v", tc.name, err)
		}
	}
}
