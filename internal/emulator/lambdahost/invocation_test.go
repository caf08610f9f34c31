package lambdahost

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

// TestStreamOverBeforeAwaited: an empty response that ends before the caller waits
// for its beginning is still a response. About half of the rounds take each
// branch of the select.
func TestStreamOverBeforeAwaited(t *testing.T) {
	for range 100 {
		inv := newInvocation(nil, time.Now())
		wait := inv.streamed()
		inv.receive("text/plain", strings.NewReader(""))
		inv.end(nil)
		contentType, body, err := wait(context.Background())
		if err != nil || contentType != "text/plain" {
			t.Fatalf("content type %q, error %v", contentType, err)
		}
		if b, err := io.ReadAll(body); len(b) != 0 || err != nil {
			t.Fatalf("body %q, %v", b, err)
		}
	}
}
