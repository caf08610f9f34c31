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
	keysFresh     = time.Hour        // how long keys are used without asking again
	keysOutage    = 15 * time.Minute // how much longer if the issuer cannot be reached
	refetchPeriod = 30 * time.Second // the least time between two attempts
)

// keyCache holds an issuer's signing keys. They are read when the first token
// arrives, after an hour, and when a token names an unknown key, at most once in
// 30 seconds. Nothing runs in the background, because Lambda freezes it.
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

// get returns the keys to verify a token with, which names one by kid ("" if it
// names none). The error wraps ErrUnavailable.
func (c *keyCache) get(ctx context.Context, kid string) ([]jose.JSONWebKey, error) {
	if keys, ok := c.cached(kid, keysFresh); ok {
		return keys, nil
	}
	c.reading.Lock() // one reader; those who wait look at its result first
	defer c.reading.Unlock()
	if keys, ok := c.cached(kid, keysFresh); ok {
		return keys, nil
	}
	now := c.now()
	if wait := refetchPeriod - now.Sub(c.attempted); !c.attempted.IsZero() && wait > 0 {
		return c.stale(kid, fmt.Errorf("%w: next attempt in %s", ErrUnavailable, wait.Round(time.Second)))
	}
	c.attempted = now
	// A caller that disconnects does not end the attempt: the keys are for all.
	keys, err := readKeys(context.WithoutCancel(ctx), c.client, c.issuer)
	if err != nil {
		return c.stale(kid, fmt.Errorf("%w: %w", ErrUnavailable, err))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys, c.read = keys, now
	return keys, nil
}

// stale returns the keys of before an outage, if they are not too old and one
// fits, and err otherwise.
func (c *keyCache) stale(kid string, err error) ([]jose.JSONWebKey, error) {
	if keys, ok := c.cached(kid, keysFresh+keysOutage); ok {
		return keys, nil
	}
	return nil, err
}

// cached returns the keys if they are younger than age and hold the one that is
// named.
func (c *keyCache) cached(kid string, age time.Duration) ([]jose.JSONWebKey, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read.IsZero() || c.now().Sub(c.read) >= age {
		return nil, false
	}
	named := kid == "" || slices.ContainsFunc(c.keys, func(k jose.JSONWebKey) bool { return k.KeyID == kid })
	return c.keys, named
}

// usable returns the keys that may have signed a token with this header: those
// of its kid, and of its algorithm.
func usable(keys []jose.JSONWebKey, h jose.Header) []jose.JSONWebKey {
	return slices.DeleteFunc(slices.Clone(keys), func(k jose.JSONWebKey) bool {
		return h.KeyID != "" && k.KeyID != h.KeyID || !fits(k, jose.SignatureAlgorithm(h.Algorithm))
	})
}

// fits reports whether a key may verify signatures of the algorithm, RFC 7517
// section 4 and RFC 7518 section 3. A key that states no algorithm takes those of
// its type.
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
