package mcpclient

import (
	"fmt"
	"io"
	"sync/atomic"
)

// Limits on the bytes read from a server, counted after decompression, because a
// small compressed body may expand to gigabytes.
const (
	// maxResponse is the longest response; API Gateway sends at most 10 MB.
	maxResponse = 12 << 20
	// maxTotal is the most that a [Client] reads in all, so that a list of tools
	// with endless pages ends.
	maxTotal = 4 * maxResponse
)

// TooLargeError means that a server sent more than the client reads.
type TooLargeError struct {
	Limit int64 // bytes
}

// Error implements error.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the server sent more than %d MB", e.Limit>>20)
}

// limitedBody returns a [TooLargeError] where [io.LimitReader] would return io.EOF, so that
// a truncated response is never mistaken for a complete one.
type limitedBody struct {
	io.ReadCloser
	limit, left int64
	total       *atomic.Int64 // bytes read by the client in all; nil means unlimited
}

// Read implements io.Reader.
func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return 0, &TooLargeError{b.limit}
	}
	if b.total != nil && b.total.Add(int64(n)) > maxTotal {
		return 0, &TooLargeError{maxTotal}
	}
	return n, err
}

// limitBody limits a response body to [maxResponse].
func limitBody(body io.ReadCloser, total *atomic.Int64) io.ReadCloser {
	return &limitedBody{ReadCloser: body, limit: maxResponse, left: maxResponse, total: total}
}
