package realclients_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// library is a package for building MCP clients, or a bridge for clients that only start
// programs. node/client.mjs uses it.
type library struct {
	name, pkg string
	// client is the client that mcpctl configures and whose entry the script uses; if it is
	// empty, the script reads the URL and the key from its environment.
	client realClient
	failed *regexp.Regexp // matches the error for a wrong key
}

func libraries() []library {
	rejected := regexp.MustCompile(`(HTTP 403|status code 403|Forbidden|403)`)
	return []library{
		{name: "mcp-remote", pkg: "mcp-remote", failed: rejected, client: realClient{
			id: "claude-desktop", name: "Claude Desktop", file: ".config/Claude/claude_desktop_config.json", keyInFile: true,
		}},
		{name: "@ai-sdk/mcp", pkg: "@ai-sdk/mcp", failed: rejected},
		{name: "@openai/agents", pkg: "@openai/agents", failed: rejected},
		{name: "@langchain/mcp-adapters", pkg: "@langchain/mcp-adapters", failed: rejected},
	}
}

// run returns the rest of the library's row in the table.
func (l library) run(t *testing.T, b bench) string {
	t.Helper()
	s := record(t, b.server)
	good := l.try(t, b, s, goodKey)
	if !strings.Contains(good.output, `RESULT {"expression":"6 * 7","result":42}`) {
		t.Errorf("%s with the key:\n%s", l.name, good.output)
	}
	if len(good.keys) != 1 || !good.keys[goodKey] {
		t.Errorf("%s sent %d keys, want one", l.name, len(good.keys))
	}
	wrong := l.try(t, b, s, wrongKey)
	m := l.failed.FindStringSubmatch(wrong.output)
	if m == nil || strings.Contains(wrong.output, "RESULT") {
		t.Fatalf("%s with a wrong key:\n%s", l.name, wrong.output)
	}
	return fmt.Sprintf("yes | %s | yes | “%s”", good.protocol, m[1])
}

// try runs the script with the key, and returns the output and what was sent.
func (l library) try(t *testing.T, b bench, s *recorder, key string) seen {
	t.Helper()
	var h home
	if l.client.id != "" {
		h = l.client.connect(t, b, s.url, key)
	} else {
		h = newHome(t, b)
	}
	m := serveModel(t, 1)
	s.reset()
	output := h.start(t, "client.mjs", []string{l.name}, []string{"MCP_URL=" + s.url, "MCP_KEY=" + key, "MODEL_URL=" + m.url})
	result := s.seen()
	result.output = output
	return result
}
