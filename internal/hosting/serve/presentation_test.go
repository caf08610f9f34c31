package serve_test

import (
	"strings"
	"testing"

	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/rpc"
)

// Both eras see the presentation: in initialize, and in server/discover.
func TestPresentation(t *testing.T) {
	h := newHandler(t, func(o *serve.Options) {
		o.Presentation = settings.PresentationFromEnv(func(name string) string {
			return map[string]string{
				"SERVER_TITLE": "My Server", "SERVER_INSTRUCTIONS": "Use it well.", "SERVER_ICON": "data:image/png;base64,iVBORw0KGgo=", "SERVER_WEBSITE": "https://example.com",
			}[name]
		})
	})
	const server = `"title":"My Server","websiteUrl":"https://example.com","icons":[{"src":"data:image/png;base64,iVBORw0KGgo=","mimeType":"image/png"}]`
	const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`
	for name, body := range map[string]string{
		"initialize": rpc.Post(h, `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`).Body.String(),
		"server/discover": rpc.Post(h, `{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{`+meta+`}}`,
			"Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "server/discover").Body.String(),
	} {
		for _, want := range []string{server, `"instructions":"Use it well."`} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: %s lacks %s", name, body, want)
			}
		}
	}
}
