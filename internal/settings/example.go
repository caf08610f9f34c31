package settings

import (
	"fmt"
	"strings"
)

// Example is the text of .env.example: every setting with its help and its
// default, commented out, so that a copy of it changes nothing.
func Example() string {
	var b strings.Builder
	b.WriteString("# Copy this file to .env, uncomment what you change. Every line is optional.\n")
	b.WriteString("# A variable of the same name in the environment wins. Never commit .env.\n")
	for _, s := range table() {
		fmt.Fprintf(&b, "\n# --- %s ---\n", s.title)
		for _, k := range s.keys {
			fmt.Fprintf(&b, "\n# %s\n#%s=%s\n", strings.ReplaceAll(k.help, "\n", "\n# "), k.name, k.fallback+k.example)
		}
	}
	b.WriteString(toolExample)
	return b.String()
}

const toolExample = `
# --- Your tools ---

# Each TOOL_NAME reaches the tools as cfg.Setting("TOOL_NAME"). It is no place for secrets.
#TOOL_GREETING=hello

# Each TOOL_SECRET_NAME becomes a secret that only the MCP function may read, see cfg.Secret.
# The value never enters a template: after deploying, run go tool mcpctl secrets push
#TOOL_SECRET_UPSTREAM_TOKEN=
`
