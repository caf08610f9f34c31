package e2e

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
)

// needSamples ends a test of the sample tools where they have been deleted,
// which is everybody's right: see "Make it yours" in README.md.
func needSamples(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("../../../tools/calculate.go"); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the sample tools have been deleted")
	}
}

// The four samples, in both eras.
func TestSampleTools(t *testing.T) {
	needSamples(t)
	t.Parallel()
	s := start(t, "plain", built.samples)
	names := []string{"calculate", "get_server_status", "get_weather", "lookup_user"}
	calls := []struct{ tool, arguments, want string }{
		{"calculate", `{"operation":"multiply","a":6,"b":7}`, `"result":42`},
		{"get_weather", `{"city":"Lisbon"}`, `"source":"sample"`},
		{"get_server_status", `{}`, `"region":"us-east-1"`},
		{"lookup_user", `{"user_id":"` + sampleUser(t, s) + `"}`, `"user_id"`},
	}
	eras := map[string]func(method, name, params string) answer{
		"2025-11-25": func(method, _, params string) answer {
			return s.rpc(t, deploymentKey, method, "{"+strings.TrimPrefix(params, ",")+"}")
		},
		"2026-07-28": func(method, name, params string) answer { return s.modern(t, deploymentKey, method, name, params) },
	}
	for era, send := range eras {
		t.Run(era, func(t *testing.T) {
			list := send("tools/list", "", "")
			for _, name := range names {
				check(t, list, http.StatusOK, `"name":"`+name+`"`)
			}
			for _, c := range calls {
				a := send("tools/call", c.tool, `,"name":"`+c.tool+`","arguments":`+c.arguments)
				check(t, a, http.StatusOK, c.want)
			}
		})
	}
}

// sampleUser is an id that lookup_user itself names when it is asked for one
// that does not exist.
func sampleUser(t *testing.T, s *system) string {
	t.Helper()
	_, failure := s.call(t, deploymentKey, "lookup_user", `{"user_id":"nobody"}`)
	for _, word := range strings.FieldsFunc(failure, func(r rune) bool { return strings.ContainsRune(` ,.;:"'()`, r) }) {
		if result, bad := s.call(t, deploymentKey, "lookup_user", `{"user_id":"`+word+`"}`); bad == "" && result != nil {
			return word
		}
	}
	t.Fatalf("lookup_user of nobody names no id that exists: %s", failure)
	return ""
}
