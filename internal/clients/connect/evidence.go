package connect

import (
	"context"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
)

// A Machine is the computer on which the clients run.
type Machine struct {
	GOOS   string
	Getenv func(string) string
	// Run runs a program and returns its output.
	Run func(ctx context.Context, name string, args ...string) (string, error)
}

// Tried is the key with which mcpctl called the server.
type Tried struct {
	Key      string // empty: no key was tried
	Rejected bool   // the server rejected it
}

// Evidence is what is known about whether a client will see the key.
type Evidence struct {
	// Sees is true only if the client is known to read the key from where it is, and the
	// server accepted that key.
	Sees bool
	// Set means that the variable has the right value. If Sees is false nevertheless,
	// setting it again does not help.
	Set bool
	How string // how this is known, or what is missing, without the key
}

// Evidence looks for evidence that the client will see the key.
func (m Machine) Evidence(ctx context.Context, c clientconfig.Client, s clientconfig.Server, tried Tried) Evidence {
	const rejected = ", but the server rejected that key"
	switch {
	case s.Key != "" && tried.Rejected && tried.Key == s.Key:
		return Evidence{Set: true, How: "the key is in its file" + rejected}
	case s.Key != "":
		return Evidence{Sees: true, How: "the key is in its file"}
	case c.Asks:
		return Evidence{How: "it will ask for the key"}
	case !c.HidesKey():
		return Evidence{How: "it reads no variable; the key has to be in its file"}
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
	case tried.Key == "":
		return Evidence{How: isSet + ", to a key that was not tried"}
	case value != tried.Key:
		return Evidence{How: isSet + ", to a different key than the one that was tried"}
	case tried.Rejected:
		return Evidence{How: isSet + rejected}
	case c.Unsure != "":
		return Evidence{Set: true, How: isSet + ", but " + c.Unsure}
	}
	return Evidence{Sees: true, Set: true, How: isSet}
}

// desktop returns the variable's value for programs started from the desktop.
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
