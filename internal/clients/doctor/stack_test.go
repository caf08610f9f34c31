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
			Functions: []doctor.Function{
				{ID: "Authorizer", Timeout: 5 * time.Second, SHA256: "a", Built: "a"},
				{ID: "Mcp", LogGroup: "mcp-log", Timeout: 29 * time.Second, Patience: 30 * time.Second, SHA256: "m", Built: "m"},
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
		{"sound", func(*doctor.Stack) {}, ""},
		{"a function that outlasts the gateway", func(s *doctor.Stack) { s.Functions[1].Timeout = 60 * time.Second }, "failure stack-timeouts: function Mcp may take 1m0s, and the gateway waits 30s"},
		{"a gateway that waits for less", func(s *doctor.Stack) { s.Functions[1].Patience = 20 * time.Second }, "failure stack-timeouts: function Mcp may take 29s, and the gateway waits 20s"},
		{"a function that no gateway calls", func(s *doctor.Stack) { s.Functions[1].Timeout, s.Functions[1].Patience = 900*time.Second, 0 }, ""},
		{"a function that failed", func(s *doctor.Stack) { s.Functions[1].Errors = 3 }, "warning stack-errors: errors: Mcp 3"},
		{"an authorizer that outlasts the gateway", func(s *doctor.Stack) { s.Functions[0].Timeout = 15 * time.Second }, "failure stack-timeouts: the authorizer may take 15s, and the gateway waits 10s"},
		{"a key that ends", func(s *doctor.Stack) { s.Keys = append(s.Keys, key("eve", "3", 3)) }, "warning stack-keys: eve on 2026-11-24"},
		{"a key that has ended", func(s *doctor.Stack) { s.Keys = append(s.Keys, key("eve", "3", -3)) }, "warning stack-keys: over already: eve"},
		{"a rotated key's old one", func(s *doctor.Stack) { s.Keys = append(s.Keys, key("ada", "3", 1)) }, ""},
		{"a new account", func(s *doctor.Stack) { s.Concurrency = 10 }, "warning stack-concurrency: the account runs at most 10 functions"},
		{"another build", func(s *doctor.Stack) { s.Functions[1].SHA256 = "x" }, "warning stack-version: another build is deployed of Mcp"},
		{"not allowed to ask", func(s *doctor.Stack) {
			s.FunctionsErr, s.KeysErr, s.ConcurrencyErr = errors.New("x"), errors.New("x"), errors.New("x")
		}, ""},
		{"not allowed to ask what stands in the way of a verdict", func(s *doctor.Stack) {
			s.Functions[1].Timeout, s.Functions[1].Errors = 60*time.Second, 3
			s.PatienceErr, s.ErrorsErr = errors.New("x"), errors.New("x")
		}, ""},
		{"no source here", func(s *doctor.Stack) { s.Functions[0].Built, s.Functions[1].Built = "", "" }, ""},
	} {
		s := sound()
		c.fault(&s)
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		var told []doctor.Finding
		findings := doctor.RunStack(s, now, func(f doctor.Finding) { told = append(told, f) })
		if d := cmp.Diff(want, bad(t, findings, c.want)); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if d := cmp.Diff(findings, told); d != "" {
			t.Errorf("%s: told (-findings +told):\n%s", c.name, d)
		}
	}
}
