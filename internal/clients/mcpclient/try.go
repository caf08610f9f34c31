package mcpclient

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Try sends one small request and returns the HTTP status: 200 if the server accepts the
// key, 401 or 403 if it does not, another status if it cannot decide. Try does not
// initialize a connection, and does not read the body.
func Try(ctx context.Context, o Options) (status int, err error) {
	if err := CheckURL(o.URL); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.URL, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
	if err != nil {
		return 0, fmt.Errorf("call %s: %w", o.URL, err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("User-Agent", orDefault(o.Name, "mcpctl"))
	o.SetKey(r.Header)
	base := o.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	// An http.Client would follow a redirect, and send the headers, and so the key, to
	// another server.
	resp, err := base.RoundTrip(r)
	if err != nil {
		return 0, fmt.Errorf("call %s: %w", o.URL, err)
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}
