package local

import (
	"fmt"
	"path/filepath"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/devserver/local"
)

// banner returns what mcpctl local prints once it serves: the endpoint, and a command that
// reads the key from its file or variable. The key is not in the text, nor an argument of
// the command in it, because other users of the machine can see command lines. path is the
// key's file relative to the working directory, "" if there is none; hint is an additional
// line, or "".
func banner(goos, endpoint, hint string, key local.Key, path string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Serving MCP at %s\nAPI key: %s", endpoint, key.Source)
	if path != "" {
		fmt.Fprintf(&b, ", in %s", path)
	}
	b.WriteString("\n\nTry it:\n")
	if key.Plain != "" {
		b.WriteString(indent(tryIt(goos, endpoint, path)))
	}
	b.WriteString("  go tool mcpctl tools\n\n" + hint + "Ctrl-C ends it.\n")
	return b.String()
}

// tryIt returns a request as a command of the operating system's shell. curl has
// --noproxy because a company's proxy cannot reach this machine. It reads the
// header from a file, or its configuration from standard input; printf is a
// builtin of every POSIX shell, so that the key is not an argument of a process.
func tryIt(goos, endpoint, path string) string {
	const body = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
	if goos == "windows" {
		key := "$env:API_KEY"
		if path != "" {
			key = "(Get-Content '" + strings.ReplaceAll(path, "'", "''") + "')"
		}
		return "Invoke-RestMethod -Method Post -Uri " + endpoint + " -ContentType application/json `\n" +
			"  -Headers @{'x-api-key' = " + key + "; Accept = 'application/json, text/event-stream'} `\n" +
			"  -Body '" + body + "'\n"
	}
	const headers = "-H 'content-type: application/json' -H 'accept: application/json, text/event-stream'"
	if path == "" {
		return `printf 'header = "x-api-key: %s"\n' "$API_KEY" | curl -s --config - --noproxy '*' ` + endpoint + " \\\n" +
			"  " + headers + " \\\n  -d '" + body + "'\n"
	}
	header := filepath.Join(filepath.Dir(path), local.HeaderFile)
	return "curl -s --noproxy '*' " + endpoint + " -H @" + clientconfig.QuoteShell(header) + " \\\n" +
		"  " + headers + " \\\n  -d '" + body + "'\n"
}

// indent indents each line by two blanks and adds an empty line.
func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n\n"
}
