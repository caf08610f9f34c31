package logview

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
)

var initDuration = regexp.MustCompile(`Init Duration: ([0-9.]+ ms)`)

// formatFunction formats a line of a function's log, and returns "" to omit it. Of the lines that
// Lambda itself writes, it keeps cold starts and failures.
func formatFunction(line string) string {
	switch {
	case strings.HasPrefix(line, "START RequestId:"), strings.HasPrefix(line, "END RequestId:"):
		return ""
	case strings.HasPrefix(line, "REPORT RequestId:"):
		var text string
		if m := initDuration.FindStringSubmatch(line); m != nil {
			text = "started in " + m[1]
		}
		if _, status, ok := strings.Cut(line, "\tStatus: "); ok {
			text = strings.TrimSpace(text + " ended with " + strings.ReplaceAll(status, "\t", ", "))
		}
		return text
	}
	pairs, ok := fields(line)
	if !ok {
		return line
	}
	var level, message string
	var rest []string
	for _, p := range pairs {
		switch p[0] {
		case "timestamp": // print adds its own time
		case "level":
			level = p[1]
		case "message":
			message = unquote(p[1])
		default:
			if p[0] == "_aws" || p[0] != "" && unicode.IsUpper(rune(p[0][0])) {
				continue // a metric, which repeats other fields
			}
			rest = append(rest, p[0]+"="+p[1])
		}
	}
	return strings.TrimSpace(strings.Join(append([]string{pad(level), message}, rest...), " "))
}

// formatAccess formats a line of the access log.
func formatAccess(line string) string {
	var entry struct {
		RouteKey, Status, DurationMs, KeyID, Error string
		AuthorizerError, IntegrationError          string
	}
	if json.Unmarshal([]byte(line), &entry) != nil {
		return line
	}
	text := entry.Status + " " + entry.RouteKey + " " + entry.DurationMs + " ms"
	for _, part := range [][2]string{
		{"key", entry.KeyID}, {"error", entry.Error},
		{"authorizer", entry.AuthorizerError}, {"integration", entry.IntegrationError},
	} {
		if part[1] != "" && part[1] != "-" {
			text += " " + part[0] + "=" + word(quote(part[1]))
		}
	}
	return text
}

func pad(level string) string {
	if level == "" {
		return ""
	}
	return (level + "     ")[:max(5, len(level))]
}

func quote(s string) json.RawMessage {
	text, _ := json.Marshal(s) // never fails for a string
	return text
}

func unquote(s string) string {
	var text string
	if json.Unmarshal([]byte(s), &text) == nil {
		return text
	}
	return s
}
