package settings

import (
	"fmt"
	"strings"
)

// Example returns the text of .env.example: every setting with its help and its
// default, commented out, so that a copy of it changes nothing.
func Example() string {
	var b strings.Builder
	b.WriteString("# Copy this file to .env and uncomment the settings that you change. All are optional.\n")
	b.WriteString("# An environment variable of the same name takes precedence. Never commit .env.\n")
	for _, s := range table() {
		fmt.Fprintf(&b, "\n# --- %s ---\n", s.title)
		for _, k := range s.settings {
			fmt.Fprintf(&b, "\n# %s\n#%s=%s\n", strings.ReplaceAll(k.help, "\n", "\n# "), k.name, k.fallback+k.example)
		}
	}
	b.WriteString(toolExample)
	return b.String()
}

const toolExample = `
# --- Tools ---

# Tools read TOOL_NAME by cfg.Setting("TOOL_NAME"). Do not put secrets here: the values are in the template.
#TOOL_GREETING=hello

# TOOL_SECRET_NAME becomes a secret that only the MCP function may read; tools read it by cfg.Secret.
# The value is never in a template. After deploying, run go tool mcpctl secrets push
#TOOL_SECRET_UPSTREAM_TOKEN=
`
