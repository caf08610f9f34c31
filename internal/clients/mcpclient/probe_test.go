package mcpclient_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/clients/mcpclient"
)

func TestProbe(t *testing.T) {
	const unknown = `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}`
	for _, c := range []struct {
		name, knows string
		answer      string
		want        string
		requests    int
	}{
		{"this era", "server/discover", `{"jsonrpc":"2.0","id":1,"result":{}}`, "server/discover", 2},
		{"this era, streamed", "server/discover", "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n", "server/discover", 2},
		{"before", "ping", `{"jsonrpc":"2.0","id":1,"result":{}}`, "ping", 3},
	} {
		requests := 0
		url := start(t, func(w http.ResponseWriter, r *http.Request) {
			requests++
			body, _ := io.ReadAll(r.Body)
			if r.Header.Get(mcpclient.KeyHeader) != key || !strings.Contains(string(body), `"method":"`+c.knows+`"`) {
				io.WriteString(w, unknown)
				return
			}
			io.WriteString(w, c.answer)
		})
		p := mcpclient.NewProbe(mcpclient.Options{URL: url, Key: key})
		for range 2 {
			if _, err := p.Ping(t.Context()); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if p.Method() != c.want || requests != c.requests {
			t.Errorf("%s: %s in %d requests, want %s in %d", c.name, p.Method(), requests, c.want, c.requests)
		}
	}
}

func TestProbeRejected(t *testing.T) {
	url := start(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	_, err := mcpclient.NewProbe(mcpclient.Options{URL: url, Key: key}).Ping(t.Context())
	var status *mcpclient.StatusError
	if !errors.As(err, &status) || status.Code != http.StatusForbidden {
		t.Errorf("got %v, want a StatusError 403", err)
	}
	url = start(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"jsonrpc":"2.0","error":{}}`) })
	if _, err := mcpclient.NewProbe(mcpclient.Options{URL: url, Key: key}).Ping(t.Context()); err == nil {
		t.Error("a server that supports neither method: no error")
	}
}

// The request that finds out that a server is older is not measured.
func TestProbeMeasuresOneRequest(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	url := start(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "server/discover") {
			now = now.Add(5 * time.Second)
			io.WriteString(w, `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}}`)
			return
		}
		now = now.Add(time.Second)
		io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":{}}`)
	})
	p := mcpclient.NewProbe(mcpclient.Options{URL: url, Key: key})
	p.Now = func() time.Time { return now }
	for i := range 2 {
		if took, err := p.Ping(t.Context()); took != time.Second || err != nil {
			t.Errorf("ping %d took %v, %v, want 1s", i+1, took, err)
		}
	}
}
