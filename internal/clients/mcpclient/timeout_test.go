package mcpclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
)

// silent is a server that accepts every request and never responds.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// silentLater is a server that responds to the handshake only.
type silentLater struct{}

func (silentLater) RoundTrip(r *http.Request) (*http.Response, error) {
	var message struct {
		ID     json.RawMessage
		Method string
	}
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	switch message.Method {
	case "server/discover":
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"unknown"}}`, message.ID)
	case "initialize":
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"resources":{},"prompts":{}},"serverInfo":{"name":"s","version":"1"}}}`, message.ID)
	case "notifications/initialized":
		w.WriteHeader(http.StatusAccepted)
	default:
		return silent{}.RoundTrip(r)
	}
	return w.Result(), nil
}

// A server that never responds holds up none of the small requests.
func TestSilentServer(t *testing.T) {
	o := Options{URL: "https://example.com/mcp", Key: "the-key", Transport: silent{}}
	later := func(request func(context.Context, *Client) error) func(context.Context) error {
		return func(ctx context.Context) error {
			c, err := Connect(ctx, Options{URL: o.URL, Key: o.Key, Transport: silentLater{}})
			if err != nil {
				return err
			}
			defer c.Close()
			return request(ctx, c)
		}
	}
	for name, request := range map[string]func(context.Context) error{
		"Try":        func(ctx context.Context) error { _, err := Try(ctx, o); return err },
		"Connect":    func(ctx context.Context) error { _, err := Connect(ctx, o); return err },
		"Tools":      later(func(ctx context.Context, c *Client) error { _, err := c.Tools(ctx); return err }),
		"Resources":  later(func(ctx context.Context, c *Client) error { _, err := c.Resources(ctx); return err }),
		"Templates":  later(func(ctx context.Context, c *Client) error { _, err := c.ResourceTemplates(ctx); return err }),
		"Prompts":    later(func(ctx context.Context, c *Client) error { _, err := c.Prompts(ctx); return err }),
		"WhoAmI":     func(ctx context.Context) error { _, err := WhoAmI(ctx, o); return err },
		"FindSignin": func(ctx context.Context) error { _, err := FindSignin(ctx, o); return err },
		"Ping":       func(ctx context.Context) error { _, err := NewProbe(o).Ping(ctx); return err },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 3*requestTimeout)
				defer cancel()
				if err := request(ctx); !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
					t.Errorf("%v after %v, want its own timeout", err, ctx.Err())
				}
			})
		})
	}
}
