package interop_test

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// goSDK uses the official Go client with its defaults.
func goSDK(ctx context.Context, at address, calls []call) (received, error) {
	client := mcp.NewClient(&mcp.Implementation{Name: "interop", Version: "1.0.0"}, nil)
	transport := &mcp.StreamableClientTransport{Endpoint: at.url, HTTPClient: &http.Client{Transport: withKey(at.key)}}
	session, err := client.Connect(ctx, transport, nil)
	if err != nil {
		return received{}, err
	}
	defer session.Close()
	h := received{Protocol: session.InitializeResult().ProtocolVersion}
	list, err := session.ListTools(ctx, nil)
	if err != nil {
		return received{}, err
	}
	for _, tool := range list.Tools {
		h.Tools = append(h.Tools, tool.Name)
	}
	for _, c := range calls {
		got, err := session.CallTool(ctx, &mcp.CallToolParams{Name: c.Name, Arguments: c.Arguments})
		if err != nil {
			h.Results = append(h.Results, result{ProtocolError: err.Error()})
			continue
		}
		text, err := json.Marshal(got)
		if err != nil {
			return received{}, err
		}
		var r result
		if err := json.Unmarshal(text, &r); err != nil {
			return received{}, err
		}
		h.Results = append(h.Results, r)
	}
	return h, session.Close()
}

// withKey adds the key to each request.
type withKey string

// RoundTrip implements http.RoundTripper.
func (k withKey) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Api-Key", string(k))
	return http.DefaultTransport.RoundTrip(r)
}
