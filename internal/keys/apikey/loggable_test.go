package apikey_test

import (
	"strings"
	"testing"

	"serverless-mcp/internal/keys/apikey"
)

func TestLoggable(t *testing.T) {
	const key = "short-key" // as people chose them before the rules of CheckStrength
	long := strings.Repeat("7f", 16)
	for text, want := range map[string]string{
		"":                         "",
		"a\r\n{\"x\":1}\x1b[31m":   `a  {"x":1} [31m`,
		"a " + key + key + " b":    "a [key][key] b",
		"x " + long + " y":         "x [redacted] y",
		long[:31]:                  long[:31],
		strings.Repeat("ä", 64):    strings.Repeat("ä", 64),
		strings.Repeat("ä", 65):    strings.Repeat("ä", 63) + "…",
		"\u202e\u2028\u0085\u200b": "    ",
		"\xff":                     "\ufffd",
	} {
		if got := apikey.Loggable(text, key); got != want {
			t.Errorf("Loggable(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestLoggableClient(t *testing.T) {
	long := strings.Repeat("7f", 16)
	for agent, want := range map[string][2]string{
		"":                              {"", ""},
		"Cursor/1.2":                    {"Cursor", "1.2"},
		"claude-code/2.0 (cli)":         {"claude-code", "2.0"},
		"Mozilla/5.0 (X11) Gecko/1":     {"Mozilla", "5.0"},
		"a/b/c":                         {"a", "b/c"},
		"node":                          {"node", ""},
		"go client/1":                   {"go client/1", ""},
		"/1":                            {"/1", ""},
		"x/":                            {"x/", ""},
		"x/" + long + " (y)":            {"x", "[redacted]"},
		long + "/1":                     {"[redacted]", "1"},
		"x/" + strings.Repeat("1.", 40): {"x", strings.Repeat("1.", 31) + "1…"},
	} {
		if name, version := apikey.LoggableClient(agent, "key"); [2]string{name, version} != want {
			t.Errorf("LoggableClient(%q) = %q, %q, want %q", agent, name, version, want)
		}
	}
}
