package upgrade

import (
	"strings"
	"testing"
)

func TestPasses(t *testing.T) {
	for _, tc := range []struct {
		name, expect, text, response, failed string
		want                                 string // part of the reason; empty means that it passes
	}{
		{name: "no expectation", response: `null`},
		{name: "failed", response: `{"errorType":"TypeError","errorMessage":"token abc"}`, failed: "Unhandled", want: "the function failed (Unhandled, TypeError)"},
		{name: "failed without JSON", response: `boom`, failed: "Unhandled", want: "the function failed (Unhandled)"},
		{name: "subset", expect: `{"a":{"b":1}}`, response: `{"a":{"b":1.0,"c":2},"d":3}`},
		{name: "field missing", expect: `{"a":{"b":1}}`, response: `{"a":{}}`, want: "response.a lacks b"},
		{name: "other value", expect: `{"a":1}`, response: `{"a":"secret"}`, want: "response.a is not what was expected"},
		{name: "not an object", expect: `{"a":1}`, response: `[1]`, want: "response is not an object"},
		{name: "lists are exact", expect: `{"a":[1,{"b":2}]}`, response: `{"a":[1,{"b":2}]}`},
		{name: "list longer", expect: `[1]`, response: `[1,2]`, want: "not what was expected"},
		{name: "object in a list is exact", expect: `[{"a":1}]`, response: `[{"a":1,"b":2}]`, want: "not what was expected"},
		{name: "big numbers", expect: `{"id":9007199254740993}`, response: `{"id":9007199254740993}`},
		{name: "other big number", expect: `{"id":9007199254740993}`, response: `{"id":9007199254740992}`, want: "response.id is not what was expected"},
		{name: "zero", expect: `0`, response: `-0`},
		{name: "not JSON", expect: `{}`, response: `hello`, want: "not JSON"},
		{name: "text", text: "ok", response: `"all ok"`},
		{name: "text missing", text: "ok", response: `"no"`, want: "lacks the expected text"},
		{name: "null", expect: `{"a":null}`, response: `{"a":null}`},
		{name: "null is not absent", expect: `{"a":null}`, response: `{}`, want: "lacks a"},
	} {
		err := Test{Expect: []byte(tc.expect), Text: tc.text}.passes([]byte(tc.response), tc.failed)
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
