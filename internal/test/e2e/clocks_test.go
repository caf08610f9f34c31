package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// clockedAuthorizer is a function of the fixture's copy: the authorizer, with the
// clock of testdata/clock.go.txt in its keyring.
const clockedAuthorizer = "clockedauthorizer"

// addClocks adds clockedAuthorizer to a copy of the project and gives the MCP
// functions and the counter of calls the same clock. Without the variable CLOCK it is the
// machine's.
func addClocks(root string) error {
	clock, err := os.ReadFile("testdata/clock.go.txt")
	if err != nil {
		return err
	}
	functions, mcphttp := filepath.Join(root, "functions"), filepath.Join(root, "internal", "mcp", "mcphttp")
	limits := filepath.Join(root, "internal", "limits")
	dir := filepath.Join(functions, clockedAuthorizer)
	return errors.Join(
		os.MkdirAll(dir, 0o755),
		replaceOnce(filepath.Join(functions, "authorizer", "main.go"), filepath.Join(dir, "main.go"), "keystore.Options{\n", "keystore.Options{\n\t\tNow: now,\n"),
		os.WriteFile(filepath.Join(dir, "clock.go"), clock, 0o644),
		replaceOnce(filepath.Join(mcphttp, "mcphttp.go"), filepath.Join(mcphttp, "mcphttp.go"), "o.Now = time.Now\n", "o.Now = now\n"),
		os.WriteFile(filepath.Join(mcphttp, "clock.go"), bytes.Replace(clock, []byte("package main"), []byte("package mcphttp"), 1), 0o644),
		replaceOnce(filepath.Join(limits, "limits.go"), filepath.Join(limits, "limits.go"), "o.Now = time.Now\n", "o.Now = now\n"),
		// A test machine may be slow.
		replaceOnce(filepath.Join(limits, "limits.go"), filepath.Join(limits, "limits.go"), "Timeout = 150 * time.Millisecond\n", "Timeout = time.Minute\n"),
		replaceOnce(filepath.Join(limits, "limits.go"), filepath.Join(limits, "limits.go"), "FirstTimeout = time.Second\n", "FirstTimeout = time.Minute\n"),
		os.WriteFile(filepath.Join(limits, "clock.go"), bytes.Replace(clock, []byte("package main"), []byte("package limits"), 1), 0o644),
	)
}

// replaceOnce writes a file's text to another file with one place changed. It
// fails unless the place occurs exactly once.
func replaceOnce(from, to, before, after string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if n := bytes.Count(text, []byte(before)); n != 1 {
		return fmt.Errorf("%s contains %q %d times, want once", from, before, n)
	}
	return os.WriteFile(to, bytes.Replace(text, []byte(before), []byte(after), 1), 0o644)
}
