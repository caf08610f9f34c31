package gateway

import (
	"container/list"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// maxCachedResults bounds one authorizer's cache. AWS does not document its bound; this
// one limits the memory that a flood of wrong keys can take on a laptop.
const maxCachedResults = 10_000

// resultCache caches the results of one authorizer, allow and deny alike, for all
// routes that use it. The cache key is the hash of the identity sources' values,
// because these contain API keys. A nil cache stores nothing.
type resultCache struct {
	ttl time.Duration
	now func() time.Time

	mu      sync.Mutex
	entries map[[sha256.Size]byte]*list.Element
	order   *list.List // of *cachedResult, oldest first; all have the same TTL, so this is the order of expiry
}

type cachedResult struct {
	authorizerResult
	identity [sha256.Size]byte
	until    time.Time
}

func newResultCache(ttl time.Duration, now func() time.Time) *resultCache {
	c := &resultCache{ttl: ttl, now: now}
	c.reset()
	return c
}

func (c *resultCache) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries, c.order = map[[sha256.Size]byte]*list.Element{}, list.New()
}

func (c *resultCache) lookup(identity []string) (authorizerResult, bool) {
	if c == nil {
		return authorizerResult{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[identityHash(identity)]
	if !ok || !c.now().Before(e.Value.(*cachedResult).until) {
		return authorizerResult{}, false
	}
	return e.Value.(*cachedResult).authorizerResult, true
}

// add caches a result for the TTL. It drops expired results, and the oldest ones
// above the bound.
func (c *resultCache) add(identity []string, result authorizerResult) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	hash, now := identityHash(identity), c.now()
	if old, ok := c.entries[hash]; ok {
		c.order.Remove(old)
	}
	c.entries[hash] = c.order.PushBack(&cachedResult{result, hash, now.Add(c.ttl)})
	for e := c.order.Front(); e != nil; e = c.order.Front() {
		if now.Before(e.Value.(*cachedResult).until) && c.order.Len() <= maxCachedResults {
			break
		}
		c.drop(e)
	}
}

func (c *resultCache) drop(e *list.Element) {
	delete(c.entries, e.Value.(*cachedResult).identity)
	c.order.Remove(e)
}

// identityHash hashes each value with its length, so that no two lists collide.
func identityHash(identity []string) (hash [sha256.Size]byte) {
	h := sha256.New()
	for _, value := range identity {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(value))))
		h.Write([]byte(value))
	}
	h.Sum(hash[:0])
	return hash
}
