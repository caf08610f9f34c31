package e2e

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"testing"
)

// needSamples skips a test of the sample tools if they have been deleted; see
// "Make it yours" in README.md.
func needSamples(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("../../../tools/calculate.go"); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the sample tools have been deleted")
	}
}

// TestSampleTools calls the four samples in both protocol generations.
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
	versions := map[string]func(method, name, params string) response{
		"2025-11-25": func(method, _, params string) response {
			return s.rpc(t, deploymentKey, method, "{"+strings.TrimPrefix(params, ",")+"}")
		},
		"2026-07-28": func(method, name, params string) response { return s.modern(t, deploymentKey, method, name, params) },
	}
	for version, send := range versions {
		t.Run(version, func(t *testing.T) {
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

// sampleUser returns an id that lookup_user lists in its error for an unknown id.
func sampleUser(t *testing.T, s *system) string {
	t.Helper()
	_, failure := s.call(t, deploymentKey, "lookup_user", `{"user_id":"unknown"}`)
	for _, word := range strings.FieldsFunc(failure, func(r rune) bool { return strings.ContainsRune(` ,.;:"'()`, r) }) {
		if result, bad := s.call(t, deploymentKey, "lookup_user", `{"user_id":"`+word+`"}`); bad == "" && result != nil {
			return word
		}
	}
	t.Fatalf("lookup_user of an unknown id names no existing one: %s", failure)
	return ""
}
