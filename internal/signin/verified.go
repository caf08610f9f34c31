package signin

import (
	"crypto/sha256"
	"sync"
	"time"

	"serverless-mcp/internal/keys/apikey"
)

const (
	verifiedFor = 5 * time.Minute // how long a verified token is accepted without verifying it again
	maxVerified = 1000            // maximum number of tokens that are remembered
)

// verified caches verified tokens by their hash: a client sends the same token with each
// request, and checking a signature takes longer than the rest of a small call.
type verified struct {
	mu     sync.Mutex
	tokens map[[sha256.Size]byte]remembered
}

type remembered struct {
	principal apikey.Principal
	until     time.Time
}

// get returns the principal of a token that was verified within verifiedFor and
// has not expired.
func (v *verified) get(token string, now time.Time) (apikey.Principal, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	r, ok := v.tokens[sha256.Sum256([]byte(token))]
	left := r.until.Sub(now)
	return r.principal, ok && left > 0 && left <= verifiedFor // more if the clock was set back
}

// add remembers a token. A full cache is emptied: each token is verified again when it
// next arrives.
func (v *verified) add(token string, p apikey.Principal, now time.Time) {
	until := now.Add(verifiedFor)
	if p.Expires.Before(until) {
		until = p.Expires
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tokens == nil || len(v.tokens) >= maxVerified {
		v.tokens = map[[sha256.Size]byte]remembered{}
	}
	v.tokens[sha256.Sum256([]byte(token))] = remembered{p, until}
}
