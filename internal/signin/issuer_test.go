package signin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"serverless-mcp/internal/signin"
)

const resource = "https://example.com/signin/mcp"

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// The keys are generated once, because an RSA key takes a good part of a second.
var (
	rsaKey   = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	smallRSA = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 1024)) })
	otherRSA = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	ecKey    = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	largeEC  = sync.OnceValue(func() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// issuer is the part of an authorization server that a resource server uses.
type issuer struct {
	*httptest.Server
	mu       sync.Mutex
	keys     []jose.JSONWebKey // that it serves
	name     string            // in the metadata, instead of its URL
	jwksURI  string            // in the metadata, instead of the URL of its keys
	down     bool
	jwks     func(http.ResponseWriter) // writes the response instead of the keys
	requests int                       // for the keys
	others   int                       // for anything except the metadata and the keys
}

func newIssuer(t testing.TB) *issuer {
	i := &issuer{keys: []jose.JSONWebKey{
		{Key: rsaKey().Public(), KeyID: "rsa", Use: "sig"},
		{Key: ecKey().Public(), KeyID: "ec", Use: "sig", Algorithm: "ES256"},
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		name, uri := i.URL, i.URL+"/keys"
		i.change(func() {
			if i.name != "" {
				name = i.name
			}
			if i.jwksURI != "" {
				uri = i.jwksURI
			}
		})
		writeJSON(w, map[string]string{"issuer": name, "jwks_uri": uri})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.requests++
		if i.jwks != nil {
			i.jwks(w)
			return
		}
		writeJSON(w, jose.JSONWebKeySet{Keys: i.keys})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		i.change(func() { i.others++ })
		http.NotFound(w, r)
	})
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		down := false
		if i.change(func() { down = i.down }); down {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(i.Close)
	return i
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (i *issuer) change(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f()
}

func (i *issuer) asked() (n int) {
	i.change(func() { n = i.requests })
	return n
}

// other returns the number of requests for anything except the metadata and the keys.
func (i *issuer) other() (n int) {
	i.change(func() { n = i.others })
	return n
}

// claims returns the claims of a good token.
func (i *issuer) claims() map[string]any {
	return map[string]any{
		"iss": i.URL, "sub": "ada", "aud": resource, "scope": "openid tools",
		"iat": noon.Unix(), "exp": noon.Add(time.Hour).Unix(), "groups": []string{"analysts"},
	}
}

// token signs claims; header parameters are added to kid and typ.
func token(t testing.TB, alg jose.SignatureAlgorithm, key any, kid string, header map[jose.HeaderKey]any, claims any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("at+jwt")
	if kid != "" {
		options.WithHeader("kid", kid)
	}
	for name, value := range header {
		options.WithHeader(name, value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, ok := claims.([]byte)
	if !ok {
		payload = must(json.Marshal(claims))
	}
	return must(must(signer.Sign(payload)).CompactSerialize())
}

// verifier checks tokens of the issuer at noon, unless the options differ.
func (i *issuer) verifier(t testing.TB, change func(*signin.Options)) *signin.Verifier {
	t.Helper()
	o := signin.Options{
		Issuer: i.URL, Resource: resource, Scopes: []string{"tools"},
		Tools: must(signin.ParseGrants("analysts=calculate lookup_user; admins=*")),
		Now:   func() time.Time { return noon },
	}
	if change != nil {
		change(&o)
	}
	v, err := signin.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
