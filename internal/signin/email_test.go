package signin_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"serverless-mcp/internal/signin"
)

// TestLogEmail: the e-mail address is logged only with LogEmail, and only if it is an
// address that is safe in a log.
func TestLogEmail(t *testing.T) {
	i := newIssuer(t)
	for name, c := range map[string]struct {
		email  any
		on     bool
		logged bool
	}{
		"off by default":  {"ada@example.com", false, false},
		"on":              {"ada@example.com", true, true},
		"another script":  {"ada@exämple.com", true, true},
		"line break":      {"ada@example.com\n{\"level\":\"ERROR\"}", true, false},
		"escape sequence": {"ada@example.com\x1b[31m", true, false},
		"direction mark":  {"ada@example.com\u202e", true, false},
		"a blank":         {"ada @example.com", true, false},
		"no address":      {"ada", true, false},
		"too long":        {strings.Repeat("a", 250) + "@example.com", true, false},
		"a list":          {[]string{"ada@example.com"}, true, false},
		"a number":        {7, true, false},
	} {
		var log bytes.Buffer
		v := i.verifier(t, func(o *signin.Options) {
			o.LogEmail, o.Log = c.on, slog.New(slog.NewJSONHandler(&log, nil))
		})
		claims := i.claims()
		claims["email"] = c.email
		token := token(t, jose.RS256, rsaKey(), "rsa", nil, claims)
		for range 2 { // the second time from the cache
			if _, err := v.Principal(t.Context(), []string{"Bearer " + token}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := strings.Count(log.String(), `"email"`); (got == 1) != c.logged || got > 1 {
			t.Errorf("%s: logged %d times: %s", name, got, log.String())
		}
		if !c.logged && strings.Contains(log.String(), "ada") {
			t.Errorf("%s: the log has %s", name, log.String())
		}
	}
}
