// Package cli contains what the commands of mcpctl share: the process that they run
// in ([Env]), the server that they work on ([Target]), the terminal, and the
// hints that follow an error.
//
// A command is an options struct, a constructor that binds flags to it, and a
// function run(ctx, env, options). Results go to [Env.Stdout] and everything
// else to [Env.Stderr], so that the output of one command can be the input of
// another.
package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/clients/printable"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// Env is the process that a command runs in.
type Env struct {
	Dir            string   // working directory
	Environ        []string // NAME=value
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Clock          Clock // zero means the system clock

	noted map[string]bool // notes about settings that were printed
}

// Note prints a line to standard error. Its arguments may contain text of a
// server.
func (e *Env) Note(format string, args ...any) {
	fmt.Fprintln(e.Stderr, printable.Text(fmt.Sprintf(format, args...)))
}

// Getenv returns an environment variable, "" if it is unset. If Environ names a
// variable twice, the last value counts, as in a child process.
func (e *Env) Getenv(name string) string {
	for i := len(e.Environ) - 1; i >= 0; i-- {
		if value, found := strings.CutPrefix(e.Environ[i], name+"="); found {
			return value
		}
	}
	return ""
}

// Settings reads .env and the environment.
func (e *Env) Settings() (settings.Settings, error) {
	values, err := e.SettingValues()
	if err != nil {
		return settings.Settings{}, err
	}
	return settings.Parse(values)
}

// SettingValues returns the settings as text. It prints each note about them
// once, such as one about a setting that .env and the environment set to
// different values.
func (e *Env) SettingValues() (map[string]string, error) {
	values, notes, err := dotenv.Load(e.Dir, e.Environ)
	if err != nil {
		return nil, err
	}
	for _, note := range notes {
		if e.noted[note] {
			continue
		}
		if e.noted == nil {
			e.noted = map[string]bool{}
		}
		e.noted[note] = true
		e.Note("note: %s", note)
	}
	return values, nil
}

// PrintJSON prints v to standard output as indented JSON. Characters that could
// control a terminal are escaped, which does not change the value.
func (e *Env) PrintJSON(v any) error {
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	_, err := e.Stdout.Write(printable.JSON(encoded.Bytes()))
	return err
}

// ShowHelp is the RunE of a command that only groups others.
func ShowHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }
