package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
)

// errNotConfirmed is the exit code of somebody who thought better of it.
var errNotConfirmed = errors.New("not confirmed; nothing was changed")

// confirm asks before something that cannot be undone. Where nobody can be
// asked, it takes --yes.
func (p *program) confirm(yes bool, question string, args ...any) error {
	if yes {
		return nil
	}
	if !isTerminal(p.stdin) {
		return errors.New("this asks first, and there is no terminal to ask on: give --yes")
	}
	fmt.Fprintf(p.stderr, question+" [y/N] ", args...)
	answer, _ := bufio.NewReader(p.stdin).ReadString('\n') // its end is a no
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errNotConfirmed
}

// isTerminal reports whether somebody sits at the other end. The null device
// looks like a terminal to the operating system.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// progress shows what is going on: on a terminal on a line that is written over
// and over, elsewhere a line whenever it is something new.
type progress struct {
	p    *program
	last string
}

func (g *progress) show(what, detail string) {
	switch {
	case isTerminal(g.p.stderr):
		fmt.Fprintf(g.p.stderr, "\r\x1b[K%s%s", what, detail)
	case what != g.last:
		g.p.note("%s%s", what, detail)
	}
	g.last = what
}

// end takes the line away.
func (g *progress) end() {
	if g.last != "" && isTerminal(g.p.stderr) {
		fmt.Fprint(g.p.stderr, "\r\x1b[K")
	}
}
