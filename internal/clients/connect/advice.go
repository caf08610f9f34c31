package connect

import (
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
)

// Advice returns the client's steps as text, with commands indented.
func Advice(c clientconfig.Client, s clientconfig.Server, goos, keyFile string) string {
	var lines []string
	for _, step := range c.Steps(s, goos, keyFile) {
		lines = append(lines, step.Text)
		if step.Command != "" {
			lines = append(lines, "  "+step.Command)
		}
	}
	return strings.Join(lines, "\n")
}
