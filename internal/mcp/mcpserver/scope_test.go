package mcpserver_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

// names returns the names in a list, in order.
func names(t *testing.T, r *rig, how request, method, list string) []string {
	t.Helper()
	_, body := r.do(t, how, method, nil)
	found := []string{}
	items, ok := result(t, body)[list].([]any)
	if !ok {
		t.Fatalf("%s: %s has no list %q", method, body, list)
	}
	for _, item := range items {
		name, _ := item.(map[string]any)["name"].(string)
		found = append(found, name)
	}
	return found
}

func TestListsShowWhatTheKeyMayUse(t *testing.T) {
	echo := &apikey.Principal{KeyID: "echo", Tools: []string{"echo", "no such tool"}}
	lists := []struct {
		method, list  string
		all, echoOnly []string
	}{
		{"tools/list", "tools", []string{"broken", "echo", "forged", "needs", "nil", "panics", "sorry", "zebra"}, []string{"echo"}},
		{"resources/list", "resources", []string{"broken", "echo", "zebra"}, []string{"echo"}},
		{"resources/templates/list", "resourceTemplates", []string{"word"}, []string{"word"}},
		{"prompts/list", "prompts", []string{"nil", "say"}, []string{"say"}},
	}
	r := newRig(t, fixtures())
	for _, l := range lists {
		for _, legacy := range []bool{false, true} {
			for _, who := range []struct {
				caller *apikey.Principal
				want   []string
			}{{everyone, l.all}, {echo, l.echoOnly}, {noTools, []string{}}, {nil, []string{}}} {
				got := names(t, r, request{caller: who.caller, legacy: legacy}, l.method, l.list)
				if diff := cmp.Diff(who.want, got); diff != "" {
					t.Errorf("%s, legacy %v, for %+v (-want +got):\n%s", l.method, legacy, who.caller, diff)
				}
			}
		}
	}
}

// The response is the same, byte for byte, for a name that the key may not use and for one
// that does not exist; without a principal, that holds for every name. Each pair of
// requests differs only in the name.
func TestForbiddenIsLikeUnknown(t *testing.T) {
	type params = map[string]any
	argument := params{"name": "word", "value": ""}
	tests := []struct {
		name, method         string
		known, unknown       params
		replace, replacement string
	}{
		{"tool", "tools/call", params{"name": "echo"}, params{"name": "ohce"}, "echo", "ohce"},
		{"prompt", "prompts/get", params{"name": "say"}, params{"name": "yas"}, "say", "yas"},
		{"resource", "resources/read", params{"uri": "fixture://echo"}, params{"uri": "fixture://ohce"}, "echo", "ohce"},
		{"template", "resources/read", params{"uri": "word://x"}, params{"uri": "drow://x"}, "word", "drow"},
		{"prompt's completion", "completion/complete",
			params{"ref": params{"type": "ref/prompt", "name": "say"}, "argument": argument},
			params{"ref": params{"type": "ref/prompt", "name": "yas"}, "argument": argument}, "say", "yas"},
		{"template's completion", "completion/complete",
			params{"ref": params{"type": "ref/resource", "uri": "word://{word}"}, "argument": argument},
			params{"ref": params{"type": "ref/resource", "uri": "drow://{word}"}, "argument": argument}, "word:", "drow:"},
	}
	r := newRig(t, fixtures())
	for _, tt := range tests {
		for _, legacy := range []bool{false, true} {
			for _, caller := range []*apikey.Principal{noTools, nil} {
				status, forbidden := r.do(t, request{caller: caller, legacy: legacy}, tt.method, tt.known)
				unknownStatus, unknown := r.do(t, request{caller: everyone, legacy: legacy}, tt.method, tt.unknown)
				want := strings.ReplaceAll(unknown, tt.replacement, tt.replace)
				if forbidden != want || caller != nil && status != unknownStatus || !strings.Contains(forbidden, `"error"`) {
					t.Errorf("%s, legacy %v: %d %s\nunknown is     %d %s", tt.name, legacy, status, forbidden, unknownStatus, want)
				}
			}
		}
	}
}

// With the permission, everything in the table above works.
func TestAllowedWorks(t *testing.T) {
	type params = map[string]any
	tests := []struct {
		method string
		params params
		want   string
	}{
		{"tools/call", params{"name": "echo", "arguments": params{"word": "hi"}}, `"structuredContent":{"word":"hi"}`},
		{"prompts/get", params{"name": "say", "arguments": params{"word": "hi"}}, `"text":"Say hi"`},
		{"resources/read", params{"uri": "fixture://echo"}, `"text":"contents of echo"`},
		{"resources/read", params{"uri": "word://hi"}, `"text":"{\"word\":\"hi\"}"`},
		{"completion/complete", params{"ref": params{"type": "ref/prompt", "name": "say"},
			"argument": params{"name": "word", "value": "a"}}, `"values":["alpha"]`},
		{"completion/complete", params{"ref": params{"type": "ref/resource", "uri": "word://{word}"},
			"argument": params{"name": "word", "value": ""}}, `"values":["alpha","beta"]`},
	}
	r := newRig(t, fixtures())
	caller := &apikey.Principal{KeyID: "echo", Tools: []string{"echo"}}
	for _, tt := range tests {
		for _, legacy := range []bool{false, true} {
			status, body := r.do(t, request{caller: caller, legacy: legacy}, tt.method, tt.params)
			if status != 200 || !strings.Contains(body, tt.want) {
				t.Errorf("%s %v, legacy %v: %d %s, want %s", tt.method, tt.params, legacy, status, body, tt.want)
			}
		}
	}
}
