//go:build unix

package childproc

import (
	"os"
	"syscall"
)

// Terminate asks a process to end.
func Terminate(p *os.Process) { p.Signal(syscall.SIGTERM) } // an error means that it has ended

// Kill ends a process and all that it started, at once. It leads a group of
// its own (see attributes).
func Kill(p *os.Process) { syscall.Kill(-p.Pid, syscall.SIGKILL) } // an error means that all have ended
