package mcphttp

import "testing"

// A key without running calls takes no memory; otherwise many keys would fill it in time.
func TestUnusedKeysAreForgotten(t *testing.T) {
	b := budget{maxBytes: 100, maxCalls: 100, maxKeyCalls: 2}
	for _, key := range []string{"a", "b"} {
		if rejected := b.allow(key, 1, 10); rejected != nil {
			t.Fatal(rejected.reason)
		}
		b.release(key, 1, 5)
		if len(b.keys) != 1 {
			t.Errorf("%d keys have an entry, want 1", len(b.keys))
		}
		b.release(key, 0, 5)
	}
	if len(b.keys) != 0 || b.total != (use{}) {
		t.Errorf("%v in use, %+v in all", b.keys, b.total)
	}
}
