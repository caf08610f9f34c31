package mcphttp_test

import (
	"strings"
	"testing"

	"serverless-mcp/internal/test/rpc"
)

// If the header names an unknown version, initialize ignores it and negotiates the version
// in its params. Every other method gets the list of supported versions.
func TestUnknownVersionInHeader(t *testing.T) {
	h, _ := newHandler()
	for _, version := range []string{"2099-01-01", "1900-01-01", "latest", strings.Repeat("9", 5000)} {
		initialize := strings.Replace(rpc.Initialize, "2025-11-25", "2099-01-01", 1)
		if w := post(h, initialize, "Mcp-Protocol-Version", version); w.Code != 200 || !strings.Contains(w.Body.String(), `"protocolVersion":"2025-11-25"`) {
			t.Errorf("initialize with the header %.20s: %d %s", version, w.Code, w.Body)
		}
		modern, headers := rpc.Modern("1", "tools/list", "")
		for name, w := range map[string]string{
			"older era": post(h, rpc.List, "Mcp-Protocol-Version", version).Body.String(),
			"newer era": post(h, modern, append(headers, "Mcp-Protocol-Version", version)...).Body.String(),
		} {
			if !strings.Contains(w, `"code":-32022`) || !strings.Contains(w, `"supported":["2026-07-28"`) || strings.Contains(w, "99999999999") {
				t.Errorf("%s with the header %.20s: %s", name, version, w)
			}
		}
	}
}
