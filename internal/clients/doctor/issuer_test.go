package doctor_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/doctor"
)

// TestRunIssuer changes one property at a time of an issuer that every client can use.
func TestRunIssuer(t *testing.T) {
	modulus := strings.Repeat("A", 342) // 2048 bits
	rsa := []map[string]any{{"kty": "RSA", "use": "sig", "n": modulus, "key_ops": []string{"verify"}}}
	for name, c := range map[string]struct {
		change map[string]any // of the metadata; nil removes a member
		keys   any
		want   map[string]doctor.Status // findings that are not ok
	}{
		"good":                {nil, rsa, nil},
		"another issuer":      {map[string]any{"issuer": "https://x.example"}, rsa, map[string]doctor.Status{"issuer-name": doctor.Failure}},
		"no PKCE":             {map[string]any{"code_challenge_methods_supported": nil}, rsa, map[string]doctor.Status{"issuer-pkce": doctor.Failure}},
		"plain PKCE":          {map[string]any{"code_challenge_methods_supported": []string{"plain"}}, rsa, map[string]doctor.Status{"issuer-pkce": doctor.Failure}},
		"no registration":     {map[string]any{"registration_endpoint": nil}, rsa, map[string]doctor.Status{"issuer-registration": doctor.Warning}},
		"client ID documents": {map[string]any{"registration_endpoint": nil, "client_id_metadata_document_supported": true}, rsa, nil},
		"documents, secrets": {map[string]any{"registration_endpoint": nil, "client_id_metadata_document_supported": true,
			"token_endpoint_auth_methods_supported": []string{"client_secret_basic"}}, rsa, map[string]doctor.Status{"issuer-registration": doctor.Warning}},
		"unknown scope":  {map[string]any{"scopes_supported": []string{"openid"}}, rsa, map[string]doctor.Status{"issuer-scopes": doctor.Warning}},
		"no iss":         {map[string]any{"authorization_response_iss_parameter_supported": false}, rsa, map[string]doctor.Status{"issuer-iss": doctor.Warning}},
		"no keys":        {nil, []map[string]string{}, map[string]doctor.Status{"issuer-keys": doctor.Failure}},
		"other curve":    {nil, []map[string]string{{"kty": "EC", "crv": "P-384"}}, map[string]doctor.Status{"issuer-keys": doctor.Failure}},
		"for encryption": {nil, []map[string]string{{"kty": "RSA", "use": "enc"}}, map[string]doctor.Status{"issuer-keys": doctor.Failure}},
		"small RSA":      {nil, []map[string]any{{"kty": "RSA", "n": modulus[:171]}}, map[string]doctor.Status{"issuer-keys": doctor.Failure}},
		"key_ops":        {nil, []map[string]any{{"kty": "RSA", "n": modulus, "key_ops": []string{"encrypt"}}}, map[string]doctor.Status{"issuer-keys": doctor.Failure}},
		"no jwks_uri":    {map[string]any{"jwks_uri": nil}, rsa, map[string]doctor.Status{"issuer-keys": doctor.Failure}},
	} {
		t.Run(name, func(t *testing.T) {
			var metadata map[string]any
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				var v any = metadata
				if r.URL.Path == "/keys" {
					v = map[string]any{"keys": c.keys}
				}
				_ = json.NewEncoder(w).Encode(v)
			}))
			defer s.Close()
			metadata = map[string]any{
				"issuer": s.URL, "jwks_uri": s.URL + "/keys", "registration_endpoint": s.URL + "/register", "scopes_supported": []string{"tools"},
				"code_challenge_methods_supported": []string{"S256"}, "authorization_response_iss_parameter_supported": true,
			}
			for member, value := range c.change {
				if metadata[member] = value; value == nil {
					delete(metadata, member)
				}
			}
			got := map[string]doctor.Status{}
			findings := doctor.RunIssuer(t.Context(), doctor.IssuerOptions{Issuer: s.URL, Scopes: []string{"tools"}})
			for _, f := range findings {
				if f.Title == "" || f.Status != doctor.OK && (f.Advice == "" || f.Breaks == "") {
					t.Errorf("%+v: no title, or no advice", f)
				}
				if f.Status != doctor.OK {
					got[f.ID] = f.Status
				}
			}
			if d := cmp.Diff(c.want, got); d != "" && (len(got) > 0 || len(c.want) > 0) {
				t.Errorf("findings that are not ok (-want +got):\n%s", d)
			}
			if len(findings) != 7 {
				t.Errorf("%d findings, want 7", len(findings))
			}
		})
	}
}

// TestIssuerHidesPKCE: the advice depends on the setting, and on whether it can help.
func TestIssuerHidesPKCE(t *testing.T) {
	for name, c := range map[string]struct {
		iss, setting bool
		status       doctor.Status
		advice       string
	}{
		"without SIGNIN_PKCE":           {false, false, doctor.Failure, "set SIGNIN_PKCE=true"},
		"with SIGNIN_PKCE":              {false, true, doctor.Warning, "if the issuer supports PKCE"},
		"with iss":                      {true, false, doctor.Failure, "SIGNIN_PKCE does not help"},
		"with iss and with the setting": {true, true, doctor.Failure, "SIGNIN_PKCE does not help"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"issuer": "http://" + r.Host, "authorization_response_iss_parameter_supported": c.iss})
		}))
		defer s.Close()
		found := false
		for _, f := range doctor.RunIssuer(t.Context(), doctor.IssuerOptions{Issuer: s.URL, PKCE: c.setting}) {
			if f.ID != "issuer-pkce" {
				continue
			}
			if found = true; f.Status != c.status || !strings.Contains(f.Advice, c.advice) {
				t.Errorf("%s: %s, advice %q; want %s, %q", name, f.Status, f.Advice, c.status, c.advice)
			}
		}
		if !found {
			t.Errorf("%s: no finding issuer-pkce", name)
		}
	}
}

// TestCopyOfMetadata: our server has its copy only where RFC 8414 places it.
func TestCopyOfMetadata(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/oauth-authorization-server/signin" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": "http://" + r.Host + "/signin"})
	}))
	defer s.Close()
	findings := doctor.RunIssuer(t.Context(), doctor.IssuerOptions{Issuer: s.URL + "/signin"})
	if len(findings) < 2 || findings[0].Status != doctor.OK || findings[1].Status != doctor.OK {
		t.Errorf("%+v, want the metadata read, with the issuer's name", findings)
	}
}

// TestIssuerCannotBeRead: there is one finding, without others that follow from it.
func TestIssuerCannotBeRead(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	var reported []string
	findings := doctor.RunIssuer(t.Context(), doctor.IssuerOptions{Issuer: s.URL, OnFinding: func(f doctor.Finding) { reported = append(reported, f.ID) }})
	if len(findings) != 1 || findings[0].Status != doctor.Failure || len(reported) != 1 || reported[0] != findings[0].ID {
		t.Errorf("%+v, %q, want one failure, with a callback", findings, reported)
	}
}

// TestInterruptedIssuerChecks: Ctrl-C is not a fault of the issuer.
func TestInterruptedIssuerChecks(t *testing.T) {
	for _, path := range []string{"/.well-known/openid-configuration", "/keys"} {
		ctx, cancel := context.WithCancel(t.Context())
		var s *httptest.Server
		s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				cancel()
				<-r.Context().Done()
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(map[string]any{"issuer": s.URL, "jwks_uri": s.URL + "/keys"})
		}))
		findings := doctor.RunIssuer(ctx, doctor.IssuerOptions{Issuer: s.URL})
		if last := findings[len(findings)-1]; doctor.Worst(findings) != doctor.OK || last.Status != doctor.Skipped {
			t.Errorf("interrupted at %s: %+v", path, findings)
		}
		s.Close()
	}
}
