package mcpclient

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
)

// silent is a server that accepts every request and never responds.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// A server that never responds holds up none of the small requests.
func TestSilentServer(t *testing.T) {
	o := Options{URL: "https://example.com/mcp", Key: "the-key", Transport: silent{}}
	for name, request := range map[string]func(context.Context) error{
		"Try":        func(ctx context.Context) error { _, err := Try(ctx, o); return err },
		"Connect":    func(ctx context.Context) error { _, err := Connect(ctx, o); return err },
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
