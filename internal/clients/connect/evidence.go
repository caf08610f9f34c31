package connect

import (
	"context"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
)

// A Machine is where evidence is looked for.
type Machine struct {
	GOOS   string
	Getenv func(string) string
	// Run runs a program and returns its output.
	Run func(ctx context.Context, name string, args ...string) (string, error)
}

// Evidence is what is known about whether a client will see the key.
type Evidence struct {
	// Sees is true only where the key was seen in the place from which the
	// client is known to take it, and is the one that was tried.
	Sees bool
	// Set says that the variable is as it has to be: if the client still is not
	// sure to see the key, setting it again would not help.
	Set bool
	How string // how that is known, or what is missing, without the key
}

// Evidence looks for it. key is the one that was tried, "" if none was.
func (m Machine) Evidence(ctx context.Context, c clientconfig.Client, s clientconfig.Server, key string) Evidence {
	switch {
	case s.Key != "":
		return Evidence{Sees: true, How: "the key stands in its file"}
	case c.Asks:
		return Evidence{How: "it will ask for it"}
	case !c.HidesKey():
		return Evidence{How: "it reads no variable; the key has to stand in its file"}
	}
	name := s.Variable()
	value, where := m.Getenv(name), "in this terminal"
	if !c.Terminal {
		value, where = m.desktop(ctx, name)
	}
	isSet := name + " is set " + where
	switch {
	case value == "" && !c.Terminal && m.Getenv(name) != "":
		return Evidence{How: name + " is set in this terminal, but not " + where}
	case value == "":
		return Evidence{How: name + " is not set " + where}
	case key == "":
		return Evidence{How: isSet + ", to a key that was not tried"}
	case value != key:
		return Evidence{How: isSet + ", to another key than the one that was tried"}
	case c.Unsure != "":
		return Evidence{Set: true, How: isSet + ", but " + c.Unsure}
	}
	return Evidence{Sees: true, Set: true, How: isSet}
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
