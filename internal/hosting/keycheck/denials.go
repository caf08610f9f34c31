package keycheck

import (
	"sync"
	"time"

	"serverless-mcp/internal/keys/apikey"
)

// denialTTL is how long a denial is cached; equal to the maximum age of the keyring.
const denialTTL = 30 * time.Second

// maxDenials limits the memory that a flood of different keys can take.
const maxDenials = 1000

// denials caches denied keys, as the gateway does for its authorizer. Otherwise a
// client that repeats an invalid key would use up the limit of reads.
type denials struct {
	now func() time.Time

	mu   sync.Mutex
	keys map[string]time.Time // time of the denial, by hash
}

// has reports whether the key was denied within denialTTL.
func (d *denials) has(key string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.keys[apikey.Hash(key)]
	age := d.now().Sub(at)
	return ok && age >= 0 && age < denialTTL
}

// add caches a denial. A full cache is emptied: its keys are checked again.
func (d *denials) add(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.keys == nil || len(d.keys) >= maxDenials {
		d.keys = map[string]time.Time{}
	}
	d.keys[apikey.Hash(key)] = d.now().Round(0) // wall clock: a frozen instance's monotonic clock may stand still
}
