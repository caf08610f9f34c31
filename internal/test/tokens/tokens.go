// Package tokens has an issuer of access tokens for tests. It implements enough of OpenID
// Connect to verify its tokens. The issuer that users run is internal/devserver/issuer.
package tokens

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Claims are a token's claims by name.
type Claims map[string]any

// key signs the tokens of every issuer, because generating an RSA key takes a while.
var key = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// Issuer serves the metadata and the key of an issuer until the test ends. sign returns a
// token of the issuer, signed with RS256 as most issuers do. By default, iss is the issuer's
// URL and exp an hour from now.
func Issuer(t testing.TB) (url string, sign func(Claims) string) {
	t.Helper()
	private, err := key()
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		var v any = map[string]string{"issuer": "http://" + r.Host, "jwks_uri": "http://" + r.Host + "/keys"}
		if r.URL.Path == "/keys" {
			v = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: private.Public(), KeyID: "k"}}}
		}
		_ = json.NewEncoder(w).Encode(v) // fails if the client has disconnected
	}))
	t.Cleanup(s.Close)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: private, KeyID: "k"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.URL, func(claims Claims) string {
		all := Claims{"iss": s.URL, "exp": time.Now().Add(time.Hour).Unix()}
		for name, value := range claims {
			all[name] = value
		}
		payload, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signer.Sign(payload)
		if err != nil {
			t.Fatal(err)
		}
		token, err := signed.CompactSerialize()
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
}
