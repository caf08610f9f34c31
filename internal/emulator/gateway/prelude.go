package gateway

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// prelude is the head of a streamed response.
type prelude struct {
	StatusCode int            `json:"statusCode"`
	Headers    map[string]any `json:"headers"`
	Cookies    []string       `json:"cookies"`
}

// maxPrelude bounds the search for a prelude's end.
const maxPrelude = 64 << 10

// readPrelude reads JSON up to the eight zero bytes that end it.
func readPrelude(r *bufio.Reader) (prelude, error) {
	var head []byte
	var end [8]byte
	for !bytes.HasSuffix(head, end[:]) {
		b, err := r.ReadByte()
		if err != nil {
			return prelude{}, fmt.Errorf("read prelude: %w", err)
		}
		if head = append(head, b); len(head) > maxPrelude {
			return prelude{}, fmt.Errorf("read prelude: no end within %d bytes", maxPrelude)
		}
	}
	p := prelude{StatusCode: http.StatusOK}
	if err := json.Unmarshal(bytes.TrimSuffix(head, end[:]), &p); err != nil {
		return prelude{}, fmt.Errorf("read prelude: %w", err)
	}
	return p, nil
}

// header returns the response's headers. The default content type is
// application/octet-stream.
func (p prelude) header() (http.Header, error) {
	if p.StatusCode < 200 || p.StatusCode > 599 {
		return nil, fmt.Errorf("read prelude: statusCode %d", p.StatusCode)
	}
	header, err := responseHeader(p.Headers, p.Cookies)
	if err != nil {
		return nil, err
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/octet-stream")
	}
	return header, nil
}
