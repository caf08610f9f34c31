package cli_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// Ctrl-C ends the context, and so the wait for an answer that never comes.
func TestReadingEndsWithContext(t *testing.T) {
	stdin, keyboard := io.Pipe()
	defer keyboard.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (&cli.Env{Stdin: stdin, Stderr: io.Discard}).ReadLine(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
	if _, err := (&cli.Env{Stdin: stdin}).ReadInput(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's error", err)
	}
	for text, want := range map[string]string{"yes\nno\n": "yes\n", "yes": "yes", "": ""} {
		if got, err := (&cli.Env{Stdin: strings.NewReader(text), Stderr: io.Discard}).ReadLine(t.Context()); got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}
