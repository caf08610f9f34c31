package mcpclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Probe sends the smallest request of the protocol over one connection:
// server/discover of 2026-07-28, or ping to older servers.
type Probe struct {
	Now func() time.Time // the clock; NewProbe sets time.Now

	o      Options
	client *http.Client
	older  bool
}

// NewProbe returns a probe. It sends nothing.
func NewProbe(o Options) *Probe {
	return &Probe{Now: time.Now, o: o, client: httpClient(o.Transport, nil)}
}

// Method returns the method of the last request.
func (p *Probe) Method() string {
	if p.older {
		return "ping"
	}
	return "server/discover"
}

// Ping sends one request and returns how long the response took. The first Ping
// to an older server takes two requests; the one with the unknown method is not
// measured.
func (p *Probe) Ping(ctx context.Context) (time.Duration, error) {
	took, known, err := p.timed(ctx)
	if err == nil && !known && !p.older {
		p.older = true
		took, known, err = p.timed(ctx)
	}
	if err == nil && !known {
		err = errors.New("ping: the server supports neither server/discover nor ping")
	}
	return took, err
}

// timed measures one request.
func (p *Probe) timed(ctx context.Context) (took time.Duration, known bool, err error) {
	begun := p.Now()
	known, err = p.send(ctx)
	return p.Now().Sub(begun), known, err
}

// send sends one request and reports whether the server supports its method.
func (p *Probe) send(ctx context.Context) (known bool, err error) {
	if err := CheckURL(p.o.URL); err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	version, params := "2026-07-28", `{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"mcpctl","version":"0"}}}`
	if p.older {
		version, params = "2025-11-25", "{}"
	}
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":%s}`, p.Method(), params)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.o.URL, strings.NewReader(body))
	if err != nil {
		return false, fmt.Errorf("ping %s: %w", p.o.URL, err)
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "application/json, text/event-stream", "User-Agent": orDefault(p.o.Name, "mcpctl"),
		"Mcp-Protocol-Version": version, "Mcp-Method": p.Method(),
	} {
		r.Header.Set(name, value)
	}
	p.o.SetKey(r.Header)
	resp, err := p.client.Do(r)
	if err != nil {
		return false, fmt.Errorf("ping %s: %w", p.o.URL, cause(err))
	}
	defer resp.Body.Close()
	response, err := io.ReadAll(resp.Body)
	if err != nil {
		return false, fmt.Errorf("ping %s: read the response: %w", p.o.URL, err)
	}
	return hasResult(response), nil
}

// hasResult reports whether a response, JSON or the first message of an event
// stream, has a result.
func hasResult(response []byte) bool {
	text := strings.TrimSpace(string(response))
	if _, data, found := strings.Cut(text, "data:"); found && !strings.HasPrefix(text, "{") {
		text, _, _ = strings.Cut(strings.TrimSpace(data), "\n")
	}
	var m struct{ Result json.RawMessage }
	return json.Unmarshal([]byte(text), &m) == nil && m.Result != nil
}
