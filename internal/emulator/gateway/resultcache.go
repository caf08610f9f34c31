package gateway

import (
	"container/list"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"
)

// maxCachedResults bounds one authorizer's cache. AWS does not say where its own
// bound is; ours only has to outlast a flood of wrong keys on a laptop.
const maxCachedResults = 10_000

// authorizer results is the cache of one authorizer, shared by all routes that use it:
// allow and deny alike, by the identity sources' values. Those are keys, so
// only their hash stays in memory. A nil cache keeps nothing.
type resultCache struct {
	ttl time.Duration
	now func() time.Time

	mu    sync.Mutex
	kept  map[[sha256.Size]byte]*list.Element
	order *list.List // of *cachedResult, oldest first: with one TTL, first to end
}

type cachedResult struct {
	authorizerResult
	identity [sha256.Size]byte
	until    time.Time
}

func newResultCache(ttl time.Duration, now func() time.Time) *resultCache {
	v := &resultCache{ttl: ttl, now: now}
	v.reset()
	return v
}

func (v *resultCache) reset() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kept, v.order = map[[sha256.Size]byte]*list.Element{}, list.New()
}

func (v *resultCache) lookup(identity []string) (authorizerResult, bool) {
	if v == nil {
		return authorizerResult{}, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	e, ok := v.kept[identityHash(identity)]
	if !ok || !v.now().Before(e.Value.(*cachedResult).until) {
		return authorizerResult{}, false
	}
	return e.Value.(*cachedResult).authorizerResult, true
}

// keep holds an authorizer result for the TTL, and drops the oldest ones that are over
// their time or over the bound.
func (v *resultCache) keep(identity []string, given authorizerResult) {
	if v == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	hash, now := identityHash(identity), v.now()
	if old, ok := v.kept[hash]; ok {
		v.order.Remove(old)
	}
	v.kept[hash] = v.order.PushBack(&cachedResult{given, hash, now.Add(v.ttl)})
	for e := v.order.Front(); e != nil; e = v.order.Front() {
		if now.Before(e.Value.(*cachedResult).until) && v.order.Len() <= maxCachedResults {
			break
		}
		v.drop(e)
	}
}

func (v *resultCache) drop(e *list.Element) {
	delete(v.kept, e.Value.(*cachedResult).identity)
	v.order.Remove(e)
}

// identityHash parts the values by their lengths, so that no two lists collide.
func identityHash(identity []string) (hash [sha256.Size]byte) {
	h := sha256.New()
	for _, value := range identity {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(value))))
		h.Write([]byte(value))
	}
	h.Sum(hash[:0])
	return hash
}
