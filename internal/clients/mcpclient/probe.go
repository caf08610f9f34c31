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

// A Probe sends the smallest request there is, over one connection:
// server/discover in protocol 2026-07-28, ping to servers that do not know it.
type Probe struct {
	Now func() time.Time // the clock; NewProbe sets time.Now

	o      Options
	client *http.Client
	older  bool
}

// NewProbe makes a probe; nothing is sent yet.
func NewProbe(o Options) *Probe { return &Probe{Now: time.Now, o: o, client: httpClient(o.Base)} }

// Method is what the last request asked for.
func (p *Probe) Method() string {
	if p.older {
		return "ping"
	}
	return "server/discover"
}

// Ping sends one request, waits for its answer and says how long that took. The
// first one settles the era: at an older server it takes two requests, of which
// the one that was not understood does not count.
func (p *Probe) Ping(ctx context.Context) (time.Duration, error) {
	took, known, err := p.timed(ctx)
	if err == nil && !known && !p.older {
		p.older = true
		took, known, err = p.timed(ctx)
	}
	if err == nil && !known {
		err = errors.New("ping: the server knows neither server/discover nor ping")
	}
	return took, err
}

func (p *Probe) timed(ctx context.Context) (took time.Duration, known bool, err error) {
	begun := p.Now()
	known, err = p.ask(ctx)
	return p.Now().Sub(begun), known, err
}

// ask reports whether the server knew the method.
func (p *Probe) ask(ctx context.Context) (known bool, err error) {
	if err := CheckURL(p.o.URL); err != nil {
		return false, err
	}
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
		return false, fmt.Errorf("ping %s: %w", p.o.URL, plain(err))
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return false, fmt.Errorf("ping %s: read the answer: %w", p.o.URL, err)
	}
	return hasResult(answer), nil
}

// hasResult looks into plain JSON, or into the first message of a stream.
func hasResult(answer []byte) bool {
	text := strings.TrimSpace(string(answer))
	if _, data, found := strings.Cut(text, "data:"); found && !strings.HasPrefix(text, "{") {
		text, _, _ = strings.Cut(strings.TrimSpace(data), "\n")
	}
	var m struct{ Result json.RawMessage }
	return json.Unmarshal([]byte(text), &m) == nil && m.Result != nil
}
