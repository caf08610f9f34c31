package signin_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/signin"
)

// metadataServer serves an issuer's metadata with changes; a nil value removes a
// member. It counts the requests.
func metadataServer(t *testing.T, changes map[string]any) (url string, requests *atomic.Int32, down *atomic.Bool) {
	t.Helper()
	requests, down = new(atomic.Int32), new(atomic.Bool)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		m := map[string]any{
			"issuer": "http://" + r.Host, "authorization_endpoint": "https://login.example.com/authorize", "token_endpoint": "https://login.example.com/token",
			"registration_endpoint": "https://login.example.com/register", "jwks_uri": "https://login.example.com/keys",
			"scopes_supported": []string{"openid", "tools"}, "userinfo_endpoint": "https://login.example.com/me",
		}
		for name, value := range changes {
			if m[name] = value; value == nil {
				delete(m, name)
			}
		}
		writeJSON(w, m)
	}))
	t.Cleanup(s.Close)
	return s.URL, requests, down
}

func pkceVerifier(t *testing.T, issuer string, pkce bool, now func() time.Time) *signin.Verifier {
	t.Helper()
	v, err := signin.New(signin.Options{Issuer: issuer, Resource: resource, PKCE: pkce, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestServerMetadata: the copy of the issuer's metadata exists only if the issuer does not
// list PKCE and does not name itself in its responses, and only if the operator has set
// Options.PKCE. The resource's metadata names either the copy or the issuer.
func TestServerMetadata(t *testing.T) {
	for name, c := range map[string]struct {
		pkce    bool
		changes map[string]any
		copied  bool
	}{
		"hidden":              {true, nil, true},
		"plain only":          {true, map[string]any{"code_challenge_methods_supported": []string{"plain"}}, true},
		"listed":              {true, map[string]any{"code_challenge_methods_supported": []string{"plain", "S256"}}, false},
		"hidden, with iss":    {true, map[string]any{"authorization_response_iss_parameter_supported": true}, false},
		"hidden, not assured": {false, nil, false},
	} {
		issuer, _, _ := metadataServer(t, c.changes)
		v := pkceVerifier(t, issuer, c.pkce, nil)
		document, err := v.ServerMetadata(t.Context())
		if err != nil || (document != nil) != c.copied {
			t.Errorf("%s: %s, %v; want a copy: %t", name, document, err, c.copied)
		}
		want := issuer
		if c.copied {
			want = "https://example.com/signin"
		}
		text, err := v.Metadata(t.Context())
		var m struct {
			Servers []string `json:"authorization_servers"`
		}
		if err != nil || json.Unmarshal(text, &m) != nil || len(m.Servers) != 1 || m.Servers[0] != want {
			t.Errorf("%s: metadata %s, %v; want the server %s", name, text, err, want)
		}
	}
}

// TestServerMetadataContent: the copy names itself, lists S256, and has the issuer's
// endpoints, only those with https, and no other members.
func TestServerMetadataContent(t *testing.T) {
	issuer, _, _ := metadataServer(t, map[string]any{"registration_endpoint": "http://login.example.com/register", "jwks_uri": "javascript:alert(1)"})
	document, err := pkceVerifier(t, issuer, true, nil).ServerMetadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(document, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"issuer": "https://example.com/signin", "code_challenge_methods_supported": []any{"S256"}, "scopes_supported": []any{"openid", "tools"},
		"authorization_endpoint": "https://login.example.com/authorize", "token_endpoint": "https://login.example.com/token",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("copy (-want +got):\n%s", d)
	}
	for want, changes := range map[string]map[string]any{
		"has no authorization or token endpoint": {"token_endpoint": nil}, "no authorization or token": {"authorization_endpoint": 7}, "names another issuer": {"issuer": "https://x.example"},
	} {
		issuer, _, _ := metadataServer(t, changes)
		if document, err := pkceVerifier(t, issuer, true, nil).ServerMetadata(t.Context()); document != nil || !errors.Is(err, signin.ErrUnavailable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %s, %v; want ErrUnavailable, %q", changes, document, err, want)
		}
	}
	issuer, _, down := metadataServer(t, nil)
	down.Store(true)
	if _, err := pkceVerifier(t, issuer, true, nil).ServerMetadata(t.Context()); !errors.Is(err, signin.ErrUnavailable) || !strings.Contains(err.Error(), "read the issuer's metadata: GET ") {
		t.Errorf("during an outage: %v", err)
	}
}

// TestServerMetadataIsCached: there is one request an hour. During an outage, the old copy
// is used, and there is one request in 30 seconds.
func TestServerMetadataIsCached(t *testing.T) {
	now := noon
	issuer, requests, down := metadataServer(t, nil)
	v := pkceVerifier(t, issuer, true, func() time.Time { return now })
	get := func(ok bool, want int32) {
		t.Helper()
		document, err := v.ServerMetadata(t.Context())
		if (err == nil && strings.Contains(string(document), "S256")) != ok || requests.Load() != want {
			t.Errorf("%s, %v after %d requests; want a copy: %t, after %d", document, err, requests.Load(), ok, want)
		}
	}
	down.Store(true)
	get(false, 1)
	get(false, 1) // within 30 seconds
	down.Store(false)
	now = now.Add(31 * time.Second)
	get(true, 2)
	now = now.Add(59 * time.Minute)
	get(true, 2)
	down.Store(true)
	now = now.Add(2 * time.Minute)
	get(true, 3) // the old copy
	get(true, 3)
}

// TestEndpointsWithQuery: an issuer's endpoints and the address of its keys may have a query
// (RFC 6749 section 3.1), as those of Azure AD B2C do.
func TestEndpointsWithQuery(t *testing.T) {
	const endpoint = "https://login.example.com/authorize?p=b2c_1_signin"
	url, _, _ := metadataServer(t, map[string]any{"authorization_endpoint": endpoint})
	copied, err := pkceVerifier(t, url, true, nil).ServerMetadata(t.Context())
	if err != nil || !strings.Contains(string(copied), endpoint) {
		t.Errorf("copy of the metadata: %s, %v, want it with %s", copied, err, endpoint)
	}
	i := newIssuer(t)
	i.change(func() { i.jwksURI = i.URL + "/keys?p=b2c_1_signin" })
	_, try := rotation(t, i)
	expect(t, "keys at a URL with a query", try(rsaKey(), "rsa"), nil)
}
