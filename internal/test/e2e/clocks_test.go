package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/test/project"
)

// clockedAuthorizer is a function in the copy of the project: the authorizer, whose keyring
// uses the clock of testdata/clock.go.txt.
const clockedAuthorizer = "clockedauthorizer"

// addClocks adds clockedAuthorizer to a copy of the project and makes the MCP functions, the
// counter of calls and the jobs use the same clock. If the variable CLOCK is unset, that is
// the machine's clock.
func addClocks(root string) error {
	clock, err := os.ReadFile("testdata/clock.go.txt")
	if err != nil {
		return err
	}
	functions, mcphttp := filepath.Join(root, "functions"), filepath.Join(root, "internal", "mcp", "mcphttp")
	limits, jobs := filepath.Join(root, "internal", "limits"), filepath.Join(root, "internal", "jobs")
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
		replaceOnce(filepath.Join(jobs, "jobs.go"), filepath.Join(jobs, "jobs.go"), "o.Now = time.Now\n", "o.Now = now\n"),
		replaceOnce(filepath.Join(jobs, "worker.go"), filepath.Join(jobs, "worker.go"), "o.Now = time.Now\n", "o.Now = now\n"),
		os.WriteFile(filepath.Join(jobs, "clock.go"), bytes.Replace(clock, []byte("package main"), []byte("package jobs"), 1), 0o644),
	)
}

// buildClocked builds mcpctl with the clock of testdata/clock.go.txt. If the variable CLOCK
// is unset, that is the machine's clock.
func buildClocked(root string) (program string, err error) {
	files := map[string][]byte{}
	for name, from := range map[string]string{"main.go": filepath.Join(root, "cmd/mcpctl/main.go"), "clock.go": "testdata/clock.go.txt", "sleep.go": "testdata/sleep.go.txt"} {
		text, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		if name == "main.go" {
			text, err = replace(text, "Stderr: os.Stderr,\n", "Stderr: os.Stderr, Clock: clock(),\n")
		}
		if err != nil {
			return "", fmt.Errorf("%s: %w", from, err)
		}
		files["cmd/mcpctl/"+name] = text
	}
	return project.Variant(root, "./cmd/mcpctl", "mcpctl-clocked", files)
}

// clock is the path of a file with the duration by which the processes' clock is ahead of
// the machine's; see addClocks and buildClocked.
type clock string

func newClock(t *testing.T) clock {
	c := clock(filepath.Join(t.TempDir(), "clock"))
	c.set(t, 0)
	return c
}

// set replaces the file in one step: a running process may read it.
func (c clock) set(t *testing.T, ahead time.Duration) {
	t.Helper()
	next := string(c) + ".next"
	if err := errors.Join(os.WriteFile(next, []byte(ahead.String()), 0o600), os.Rename(next, string(c))); err != nil {
		t.Fatal(err)
	}
}

// now returns the clock's time.
func (c clock) now(t *testing.T) time.Time {
	t.Helper()
	text, err := os.ReadFile(string(c))
	if err != nil {
		t.Fatal(err)
	}
	ahead, err := time.ParseDuration(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return time.Now().Add(ahead)
}

// hold stops mcpctl at its next sleep until release is called.
func (c clock) hold(t *testing.T) (release func()) {
	t.Helper()
	held := string(c) + ".held"
	if err := os.WriteFile(held, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := os.Remove(held); err != nil {
			t.Fatal(err)
		}
	}
}

// use makes functions use the clock. The authorizer uses it for its keyring.
func (c clock) use(ids ...string) option {
	return func(top *local.Topology, _ *local.Options) {
		for _, id := range ids {
			f := top.Functions[id]
			if id == local.AuthorizerID {
				f.Package = clockedAuthorizer
			}
			f.Env["CLOCK"] = string(c)
			top.Functions[id] = f
		}
	}
}

// replaceOnce copies a file and replaces before, which must occur exactly once, with after.
func replaceOnce(from, to, before, after string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if text, err = replace(text, before, after); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, text, 0o644)
}

// replace replaces before, which must occur exactly once in text, with after.
func replace(text []byte, before, after string) ([]byte, error) {
	if n := bytes.Count(text, []byte(before)); n != 1 {
		return nil, fmt.Errorf("%q occurs %d times, want once", before, n)
	}
	return bytes.Replace(text, []byte(before), []byte(after), 1), nil
}
