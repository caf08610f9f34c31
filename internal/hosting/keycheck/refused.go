package keycheck

import (
	"sync"
	"time"

	"serverless-mcp/internal/keys/apikey"
)

// refusedFor is how long a no is remembered, as long as a yes may be old.
const refusedFor = 30 * time.Second

// maxRefused bounds the memory that a flood of different keys can take.
const maxRefused = 1000

// refused remembers the keys that were refused a moment ago, as the gateway does
// for its authorizer. Otherwise a client that tries a bad key again and again
// would spend the reads of the secrets, and hear that it cannot be told whether
// the key is bad.
type refused struct {
	now func() time.Time

	mu   sync.Mutex
	keys map[string]time.Time // when, by hash
}

// recently reports whether the key was refused a moment ago.
func (r *refused) recently(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.keys[apikey.Hash(key)]
	age := r.now().Sub(at)
	return ok && age >= 0 && age < refusedFor
}

// add remembers a key. When there are too many, all are forgotten: they will be
// refused again.
func (r *refused) add(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys == nil || len(r.keys) >= maxRefused {
		r.keys = map[string]time.Time{}
	}
	r.keys[apikey.Hash(key)] = r.now().Round(0) // the wall clock: a frozen instance's monotonic one may stand still
}
