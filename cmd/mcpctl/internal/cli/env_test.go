package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hostile is text of a server that tries to control the terminal.
const hostile = "name\x1b[2J\u009b31m\u202e\u2066\u2028\r"

func TestOutputIsPrintable(t *testing.T) {
	var stdout, stderr bytes.Buffer
	env := &Env{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr}
	env.Note("%s", hostile)
	if err := env.PrintJSON(map[string]string{"name": hostile}); err != nil {
		t.Fatal(err)
	}
	if text := stdout.String() + stderr.String(); strings.ContainsAny(text, "\x1b\u009b\u202e\u2066\u2028\r") {
		t.Errorf("%q can control a terminal", text)
	}
	var value map[string]string
	if err := json.Unmarshal(stdout.Bytes(), &value); err != nil || value["name"] != hostile {
		t.Errorf("the JSON decodes to %q, %v", value, err)
	}
}

// Several commands read the settings more than once.
func TestNotesArePrintedOnce(t *testing.T) {
	var stderr bytes.Buffer
	env := &Env{Dir: t.TempDir(), Environ: []string{"SERVER_NAME=other"}, Stderr: &stderr}
	for name, text := range map[string]string{"cdk.json": "{}", ".env": "SERVER_NAME=one\n"} {
		if err := os.WriteFile(filepath.Join(env.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if _, err := env.Settings(); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Count(stderr.String(), "SERVER_NAME"); got != 1 {
		t.Errorf("printed %d times:\n%s", got, stderr.String())
	}
}

func TestGetenv(t *testing.T) {
	env := &Env{Environ: []string{"A=1", "AB=2", "A=3", "EMPTY="}}
	for name, want := range map[string]string{"A": "3", "AB": "2", "EMPTY": "", "B": ""} {
		if got := env.Getenv(name); got != want {
			t.Errorf("Getenv(%s) = %q, want %q", name, got, want)
		}
	}
}
