// Package direct calls an HTTP handler without a network, for tests in a synctest bubble:
// the bubble's clock does not advance while a goroutine waits for a connection.
package direct

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// Client calls Handler in the goroutine of the request. It implements the HTTP client of
// the AWS SDK.
type Client struct{ Handler http.Handler }

// Do returns the handler's response, or an error if the context ended in the meantime or
// the handler closed the connection with [http.ErrAbortHandler].
func (c Client) Do(r *http.Request) (response *http.Response, err error) {
	defer func() {
		if p := recover(); p == http.ErrAbortHandler {
			err = io.ErrUnexpectedEOF
		} else if p != nil {
			panic(p)
		}
	}()
	if r.Body == nil { // a server never passes a nil body to a handler
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(strings.NewReader(""))
	}
	w := httptest.NewRecorder()
	c.Handler.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.Result(), nil
}
