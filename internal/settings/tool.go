package settings

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	toolPrefix   = "TOOL_"
	secretPrefix = "TOOL_SECRET_"
)

// maxToolBytes leaves room for our own variables in the 4 KB that Lambda allows
// for a function's environment.
const maxToolBytes = 3 << 10

// setTool accepts a TOOL_* or TOOL_SECRET_* setting.
func setTool(s *Settings, name, value string) error {
	prefix, into := toolPrefix, s.Tool
	if strings.HasPrefix(name, secretPrefix) {
		prefix, into = secretPrefix, s.ToolSecrets
	}
	if !regexp.MustCompile(`^[A-Z0-9]+(_[A-Z0-9]+)*$`).MatchString(strings.TrimPrefix(name, prefix)) {
		return fmt.Errorf("is not a valid name of a tool's setting, need %sNAME with A-Z, 0-9 and single _", prefix)
	}
	if prefix == secretPrefix {
		for other := range s.ToolSecrets {
			if ToolSecretID(other) == ToolSecretID(name) {
				return fmt.Errorf("and %s would be the same resource of the stack, %s; rename one", other, ToolSecretID(name))
			}
		}
	}
	into[name] = value
	return nil
}

// checkEnvironmentSize rejects TOOL_* and presentation settings that are too large
// for Lambda, which would fail during the deployment.
func checkEnvironmentSize(s Settings) error {
	size, names := 0, "the TOOL_* settings"
	for name, value := range s.Tool {
		size += len(name) + len(value)
	}
	if extra := s.Presentation.size(); extra > 0 {
		size += extra
		names += " and SERVER_TITLE, SERVER_INSTRUCTIONS, SERVER_ICON and SERVER_WEBSITE"
	}
	if size > maxToolBytes {
		return fmt.Errorf("%s are %d bytes together, need at most %d, since Lambda limits a function's environment; "+
			"put large data into the tool's code or a TOOL_SECRET_* setting, and a large icon behind an https URL", names, size, maxToolBytes)
	}
	return nil
}
