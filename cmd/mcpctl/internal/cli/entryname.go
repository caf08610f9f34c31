package cli

import (
	"regexp"
	"strings"
)

// EntryName returns the name of a server in the clients' configuration files. It is the
// name that the server's page shows, with the stage "local" for what mcpctl local runs. A
// stack other than that of the settings gets a different name, so that the two never share
// a variable.
func EntryName(env *Env, t Target) string {
	s, _ := env.Settings() // mistakes in other settings do not matter
	switch {
	case t.Local || !t.Given && LocalRuns(env):
		s.Stage = "local"
	case t.Stage != "":
		s.Stage = t.Stage
	}
	if t.Stack != "" && t.Stack != s.StackName && t.Stack != s.FullStackName() {
		s.ServerName, s.Stage = AsEntryName(t.Stack), t.Stage
	}
	return s.EntryName()
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// AsEntryName turns text into the form of an entry's name: lower case, with a
// hyphen for each run of other characters.
func AsEntryName(text string) string {
	return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(text), "-"), "-")
}
