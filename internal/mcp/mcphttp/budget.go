package mcphttp

import (
	"net/http"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
)

// Defaults of the budget of a process. One key may use half of the bytes and of the
// streams and a tenth of the calls, so that it cannot take them from all others.
const (
	defaultMaxBytes   = 16 << 20
	defaultMaxCalls   = 1000
	defaultMaxStreams = 500
	keyShareBytes     = 2
	keyShareCalls     = 10
	keyShareStreams   = 2
)

// budget limits the requests of a kind that are in progress in a process and the bytes
// of their bodies.
type budget struct {
	kind                  string // "calls" or "streams", for error messages
	maxBytes              int64
	maxCalls, maxKeyCalls int

	mu    sync.Mutex
	total use
	keys  map[string]use // by key id, without unused entries
}

type use struct {
	calls int
	bytes int64
}

// allow adds calls and bytes to what a key uses. If the key would exceed its share, it
// adds nothing and returns a 429; if the process would exceed its budget, a 503.
func (b *budget) allow(keyID string, calls int, bytes int64) *rejection {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := b.keys[keyID]
	switch {
	case key.calls+calls > b.maxKeyCalls:
		return overBudget(http.StatusTooManyRequests, "too many "+b.kind+" of this key are running")
	case key.bytes+bytes > b.maxBytes/keyShareBytes:
		return overBudget(http.StatusTooManyRequests, "the running calls of this key have too many bytes")
	case b.total.calls+calls > b.maxCalls, b.total.bytes+bytes > b.maxBytes:
		return overBudget(http.StatusServiceUnavailable, "the server is busy")
	}
	b.add(keyID, calls, bytes)
	return nil
}

// add changes what a key uses.
func (b *budget) add(keyID string, calls int, bytes int64) {
	key := b.keys[keyID]
	key.calls += calls
	key.bytes += bytes
	b.total.calls += calls
	b.total.bytes += bytes
	if b.keys == nil {
		b.keys = map[string]use{}
	}
	if b.keys[keyID] = key; key == (use{}) {
		delete(b.keys, keyID)
	}
}

// release returns what a key used.
func (b *budget) release(keyID string, calls int, bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(keyID, -calls, -bytes)
}

func overBudget(status int, reason string) *rejection {
	rejected := rejectMessage(status, mcp.INTERNAL_ERROR, nil, reason)
	rejected.header = http.Header{"Retry-After": {"1"}} // seconds
	return rejected
}
