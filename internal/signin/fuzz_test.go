package signin_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"serverless-mcp/internal/signin"
)

func jsonOf(v any) ([]byte, error) { return json.Marshal(v) }

// FuzzHeader: only the header with the valid token is accepted, and every other header
// gets one of the four statuses. The comparison ignores the last characters of a
// signature, because base64url and ES256 have several forms for the same signature.
func FuzzHeader(f *testing.F) {
	i := newIssuer(f)
	v := i.verifier(f, nil)
	valid := token(f, jose.ES256, ecKey(), "ec", nil, i.claims())
	signed := valid[:strings.LastIndex(valid, ".")+1]
	for _, seed := range []string{"", "Bearer", "Bearer " + valid, "Bearer " + valid[:len(valid)-2], "bearer\t" + valid, "Bearer a.b.c", "Basic x", "Bearer " + valid + "=="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		p, err := v.Principal(t.Context(), []string{header})
		if err == nil {
			scheme, rest, _ := strings.Cut(strings.Trim(header, " \t"), " ")
			if !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(strings.TrimLeft(rest, " "), signed) {
				t.Fatalf("%q was accepted as %s", header, p.KeyID)
			}
			return
		}
		if p.KeyID != "" || p.Tools != nil {
			t.Errorf("%q: a principal together with the error %v", header, err)
		}
		status, response := v.Response(err)
		if status != 400 && status != 401 && status != 403 && (status != http.StatusServiceUnavailable || !errors.Is(err, signin.ErrUnavailable)) {
			t.Errorf("%q: status %d for %v", header, status, err)
		}
		if strings.ContainsAny(response.Get("WWW-Authenticate"), "\r\n") {
			t.Errorf("%q: a line break in the challenge", header)
		}
	})
}
