package signin

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	keysFresh     = time.Hour        // how long keys are used before they are read again
	keysOutage    = 15 * time.Minute // how much longer they are used if the issuer cannot be reached
	refetchPeriod = 30 * time.Second // minimum time between two attempts to read them
)

// keyCache holds an issuer's signing keys. They are read when the first token arrives,
// after an hour, and when a token names an unknown key, at most once in 30 seconds. No
// goroutine refreshes them in the background, because Lambda would freeze it.
type keyCache struct {
	issuer string
	client *http.Client
	now    func() time.Time

	reading   sync.Mutex // held while the keys are read; guards attempted
	attempted time.Time

	mu   sync.Mutex // guards the rest
	keys []jose.JSONWebKey
	read time.Time
}

// get returns the keys with which to verify a token. kid is the key that the token names,
// or "". The error wraps ErrUnavailable.
func (c *keyCache) get(ctx context.Context, kid string) ([]jose.JSONWebKey, error) {
	if keys, ok := c.cached(kid, keysFresh); ok {
		return keys, nil
	}
	c.reading.Lock() // one caller reads; the others wait and check its result first
	defer c.reading.Unlock()
	if keys, ok := c.cached(kid, keysFresh); ok {
		return keys, nil
	}
	now := c.now()
	if isWithin(c.attempted, now, refetchPeriod) {
		wait := refetchPeriod - now.Sub(c.attempted)
		return c.stale(kid, fmt.Errorf("%w: next attempt in %s", ErrUnavailable, wait.Round(time.Second)))
	}
	c.attempted = now
	// Continue if the caller disconnects: the keys are for all callers.
	keys, err := readKeys(context.WithoutCancel(ctx), c.client, c.issuer)
	if err != nil {
		return c.stale(kid, fmt.Errorf("%w: %w", ErrUnavailable, err))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys, c.read = keys, now
	return keys, nil
}

// stale returns the keys that were read before an outage if they are not too old and
// include kid, and otherwise err.
func (c *keyCache) stale(kid string, err error) ([]jose.JSONWebKey, error) {
	if keys, ok := c.cached(kid, keysFresh+keysOutage); ok {
		return keys, nil
	}
	return nil, err
}

// cached returns the keys if they are younger than age and include kid.
func (c *keyCache) cached(kid string, age time.Duration) ([]jose.JSONWebKey, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !isWithin(c.read, c.now(), age) { // or never read
		return nil, false
	}
	named := kid == "" || slices.ContainsFunc(c.keys, func(k jose.JSONWebKey) bool { return k.KeyID == kid })
	return c.keys, named
}

// usable returns the keys that may have signed a token with this header, by its kid and
// its algorithm.
func usable(keys []jose.JSONWebKey, h jose.Header) []jose.JSONWebKey {
	return slices.DeleteFunc(slices.Clone(keys), func(k jose.JSONWebKey) bool {
		return h.KeyID != "" && k.KeyID != h.KeyID || !fits(k, jose.SignatureAlgorithm(h.Algorithm))
	})
}

// fits reports whether a key may verify signatures of the algorithm, RFC 7517
// section 4 and RFC 7518 section 3. A key that states no algorithm may be used with all
// algorithms of its type.
func fits(k jose.JSONWebKey, alg jose.SignatureAlgorithm) bool {
	if k.Algorithm != "" && k.Algorithm != string(alg) || k.Use != "" && k.Use != "sig" {
		return false
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		return (alg == jose.RS256 || alg == jose.PS256) && key.N.BitLen() >= 2048
	case *ecdsa.PublicKey:
		return alg == jose.ES256 && key.Curve == elliptic.P256()
	}
	return false
}
