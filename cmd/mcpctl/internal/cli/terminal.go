package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"serverless-mcp/internal/clients/printable"
)

// ErrNotConfirmed means that the user did not answer a confirmation with yes.
var ErrNotConfirmed = errors.New("not confirmed; nothing was changed")

// Confirm asks before a change that cannot be undone. It returns nil if yes is
// set, [ErrNotConfirmed] unless the user answers y or yes, and another error if
// standard input is no terminal or the context ends.
func (e *Env) Confirm(ctx context.Context, yes bool, question string, args ...any) error {
	if yes {
		return nil
	}
	if !IsTerminal(e.Stdin) {
		return errors.New("this needs confirmation, and standard input is no terminal: pass --yes")
	}
	fmt.Fprint(e.Stderr, printable.Line(fmt.Sprintf(question, args...)), " [y/N] ")
	answer, err := e.ReadLine(ctx) // end of input means no
	if err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return ErrNotConfirmed
}

// ReadLine reads a line from standard input. It returns the context's error if that ends
// first: Ctrl-C, which does not end the process itself, ends the wait for an answer.
func (e *Env) ReadLine(ctx context.Context) (string, error) {
	line, err := untilDone(ctx, func() (string, error) {
		line, _ := bufio.NewReader(e.Stdin).ReadString('\n') // the end of input ends the line
		return line, nil
	})
	if err != nil {
		fmt.Fprintln(e.Stderr) // after the question
	}
	return line, err
}

// ReadInput reads standard input, at most limit bytes of it. It returns the context's error
// if that ends first.
func (e *Env) ReadInput(ctx context.Context, limit int64) ([]byte, error) {
	return untilDone(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(e.Stdin, limit)) })
}

// untilDone returns what read returns, or the context's error if that ends first. Then read
// runs until the process ends.
func untilDone[T any](ctx context.Context, read func() (T, error)) (result T, err error) {
	done := make(chan struct{})
	var got T
	var gotErr error
	go func() {
		defer close(done)
		got, gotErr = read()
	}()
	select {
	case <-done:
		return got, gotErr
	case <-ctx.Done():
		return result, ctx.Err()
	}
}

// IsTerminal reports whether stream is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Color reports whether standard output takes colors: it is a terminal, and
// NO_COLOR is unset (https://no-color.org).
func (e *Env) Color() bool { return IsTerminal(e.Stdout) && e.Getenv("NO_COLOR") == "" }

// Progress shows the current step on standard error: on a terminal in one line that it
// overwrites, otherwise in one line for each step.
type Progress struct {
	Env  *Env
	last string
}

// Show shows a step. The detail may change while the step stays the same.
func (g *Progress) Show(step, detail string) {
	switch {
	case IsTerminal(g.Env.Stderr):
		fmt.Fprintf(g.Env.Stderr, "\r\x1b[K%s%s", step, detail)
	case step != g.last:
		g.Env.Note("%s%s", step, detail)
	}
	g.last = step
}

// End erases the line.
func (g *Progress) End() {
	if g.last != "" && IsTerminal(g.Env.Stderr) {
		fmt.Fprint(g.Env.Stderr, "\r\x1b[K")
	}
}
