package lambdahost

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"
)

// TestStreamOverBeforeAwaited: InvokeStream returns an empty response even if it ends before
// the caller waits for it to begin. Each branch of the select is taken in about half of the
// rounds.
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
