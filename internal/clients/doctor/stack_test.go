package doctor_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/keys/apikey"
)

func TestStack(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	key := func(id, hash string, days int) apikey.Key {
		k := apikey.Key{ID: id, SHA256: hash}
		if days != 0 {
			k.Expires = now.Add(time.Duration(days) * 24 * time.Hour)
		}
		return k
	}
	sound := func() doctor.Stack {
		return doctor.Stack{
			Status:      "UPDATE_COMPLETE",
			ToolSecrets: []doctor.ToolSecret{{Name: "TOOL_SECRET_A", Set: true}},
			Functions: []doctor.Function{
				{ID: "Authorizer", Timeout: 5 * time.Second, SHA256: "a", Built: "a"},
				{ID: "Mcp", LogGroup: "mcp-log", Timeout: 29 * time.Second, IntegrationTimeout: 30 * time.Second, SHA256: "m", Built: "m"},
			},
			Keys:        []apikey.Key{key("ada", "1", 0), key("bob", "2", 90)},
			Concurrency: 1000,
		}
	}
	for _, c := range []struct {
		name  string
		fault func(*doctor.Stack)
		want  string
	}{
		{"a healthy stack", func(*doctor.Stack) {}, ""},
		{"a function that may run longer than the gateway waits", func(s *doctor.Stack) { s.Functions[1].Timeout = 60 * time.Second }, "failure stack-timeouts: function Mcp may run for 1m0s, and the gateway waits 30s"},
		{"a gateway that waits for less", func(s *doctor.Stack) { s.Functions[1].IntegrationTimeout = 20 * time.Second }, "failure stack-timeouts: function Mcp may run for 29s, and the gateway waits 20s"},
		{"a function that no gateway calls", func(s *doctor.Stack) { s.Functions[1].Timeout, s.Functions[1].IntegrationTimeout = 900*time.Second, 0 }, ""},
		{"a function that failed", func(s *doctor.Stack) { s.Functions[1].Errors = 3 }, "warning stack-errors: errors: Mcp 3"},
		{"an authorizer that may run longer than the gateway waits", func(s *doctor.Stack) { s.Functions[0].Timeout = 15 * time.Second }, "failure stack-timeouts: the authorizer may run for 15s, and the gateway waits 10s"},
		{"a key that expires soon", func(s *doctor.Stack) { s.Keys = append(s.Keys, key("eve", "3", 3)) }, "warning stack-keys: eve on 2026-11-24"},
		{"an expired key", func(s *doctor.Stack) { s.Keys = append(s.Keys, key("eve", "3", -3)) }, "warning stack-keys: already expired: eve"},
		{"a rotated key's old one", func(s *doctor.Stack) { s.Keys = append(s.Keys, key("ada", "3", 1)) }, ""},
		{"a successor that expires soon too", func(s *doctor.Stack) { s.Keys = append(s.Keys, key("eve", "3", 3), key("eve", "4", 10)) }, "warning stack-keys: eve on 2026-12-01"},
		{"another key that expires soon", func(s *doctor.Stack) { s.Keys = append(s.Keys, key("eve", "3", 10), key("dan", "4", 3)) }, "warning stack-keys: eve on 2026-12-01, dan on 2026-11-24"},
		{"a tool secret without a value", func(s *doctor.Stack) { s.ToolSecrets = append(s.ToolSecrets, doctor.ToolSecret{Name: "TOOL_SECRET_B"}) }, "warning stack-secrets: TOOL_SECRET_B"},
		{"an update that was rolled back", func(s *doctor.Stack) { s.Status = "UPDATE_ROLLBACK_COMPLETE" }, "warning stack-status: UPDATE_ROLLBACK_COMPLETE"},
		{"a rollback that failed", func(s *doctor.Stack) { s.Status = "UPDATE_ROLLBACK_FAILED" }, "failure stack-status: UPDATE_ROLLBACK_FAILED"},
		{"a first deployment that failed", func(s *doctor.Stack) { s.Status = "ROLLBACK_COMPLETE" }, "failure stack-status: ROLLBACK_COMPLETE"},
		{"a deletion that failed", func(s *doctor.Stack) { s.Status = "DELETE_FAILED" }, "failure stack-status: DELETE_FAILED"},
		{"a deployment that is running", func(s *doctor.Stack) { s.Status = "UPDATE_IN_PROGRESS" }, "warning stack-status: UPDATE_IN_PROGRESS"},
		{"an unknown status", func(s *doctor.Stack) { s.Status = "" }, ""},
		{"a protected stack", func(s *doctor.Stack) { s.Unprotect = "aws cloudformation" }, ""},
		{"a new account", func(s *doctor.Stack) { s.Concurrency = 10 }, "warning stack-concurrency: 10 at once"},
		{"another build", func(s *doctor.Stack) { s.Functions[1].SHA256 = "x" }, "warning stack-version: the deployed code differs for Mcp"},
		{"not allowed to read", func(s *doctor.Stack) {
			s.FunctionsErr, s.KeysErr, s.ConcurrencyErr, s.ToolSecretsErr = errors.New("x"), errors.New("x"), errors.New("x"), errors.New("x")
		}, ""},
		{"not allowed to read what a finding needs", func(s *doctor.Stack) {
			s.Functions[1].Timeout, s.Functions[1].Errors = 60*time.Second, 3
			s.IntegrationTimeoutsErr, s.ErrorsErr = errors.New("x"), errors.New("x")
		}, ""},
		{"no source here", func(s *doctor.Stack) { s.Functions[0].Built, s.Functions[1].Built = "", "" }, ""},
	} {
		s := sound()
		c.fault(&s)
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		var reported []doctor.Finding
		findings := doctor.RunStack(s, now, func(f doctor.Finding) { reported = append(reported, f) })
		if d := cmp.Diff(want, bad(t, findings, c.want)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if d := cmp.Diff(findings, reported); d != "" {
			t.Errorf("%s: callback (-findings +reported):\n%s", c.name, d)
		}
	}
}
