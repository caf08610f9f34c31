package mcpclient

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Ask sends one small request and returns the HTTP status, which says whether
// the key is let in: 200, or 401 and 403, or something that says neither. It is
// no connection, and needs no answer that makes sense.
func Ask(ctx context.Context, o Options) (status int, err error) {
	if err := CheckURL(o.URL); err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, o.URL, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
	if err != nil {
		return 0, fmt.Errorf("ask %s: %w", o.URL, err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	r.Header.Set("User-Agent", orDefault(o.Name, "mcpctl"))
	o.SetKey(r.Header)
	base := o.Base
	if base == nil {
		base = http.DefaultTransport
	}
	// Headers follow a redirect, wherever it leads. The key must not.
	resp, err := base.RoundTrip(r)
	if err != nil {
		return 0, fmt.Errorf("ask %s: %w", o.URL, err)
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}
