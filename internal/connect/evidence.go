package connect

import (
	"context"
	"strings"

	"serverless-mcp/internal/clientconfig"
)

// A Machine is where evidence is looked for.
type Machine struct {
	GOOS   string
	Getenv func(string) string
	// Run runs a program and returns its output.
	Run func(ctx context.Context, name string, args ...string) (string, error)
}

// Evidence says whether the client will see the key, and how that is known.
// It is true only where the key was seen in the place from which the client
// takes it, and is the one that was tried; key is that one, "" if none was.
func (m Machine) Evidence(ctx context.Context, c clientconfig.Client, s clientconfig.Server, key string) (sees bool, how string) {
	switch {
	case s.Key != "":
		return true, "the key stands in its file"
	case c.Asks:
		return false, "it will ask for it"
	}
	value, where := m.Getenv(s.Variable()), "in this terminal"
	if !c.Terminal {
		value, where = m.desktop(ctx, s.Variable())
	}
	switch {
	case value == "" && !c.Terminal && m.Getenv(s.Variable()) != "":
		return false, s.Variable() + " is set in this terminal, but not " + where
	case value == "":
		return false, s.Variable() + " is not set " + where
	case key == "":
		return false, s.Variable() + " is set " + where + ", to a key that was not tried"
	case value != key:
		return false, s.Variable() + " is set " + where + ", to another key than the one that was tried"
	}
	return true, s.Variable() + " is set " + where
}

// desktop is the variable as programs started from the desktop see it.
func (m Machine) desktop(ctx context.Context, variable string) (value, where string) {
	where = "for programs started from the desktop"
	switch m.GOOS {
	case "darwin":
		out, _ := m.Run(ctx, "launchctl", "getenv", variable)
		return strings.TrimSpace(out), where
	case "windows":
		out, _ := m.Run(ctx, "reg", "query", `HKCU\Environment`, "/v", variable)
		for line := range strings.Lines(out) { // "    NAME    REG_SZ    value"
			if fields := strings.Fields(line); len(fields) == 3 && strings.EqualFold(fields[0], variable) {
				return fields[2], where
			}
		}
		return "", where
	}
	out, _ := m.Run(ctx, "systemctl", "--user", "show-environment")
	for line := range strings.Lines(out) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), variable+"="); ok {
			return strings.Trim(value, `"'`), where
		}
	}
	return "", where
}
