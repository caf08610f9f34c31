//go:build unix

package lambdahost

import (
	"os"
	"syscall"
)

// terminate asks a process to end.
func terminate(p *os.Process) { p.Signal(syscall.SIGTERM) } // an error means that it has ended

// kill ends a process and all that it started, at once. It leads a group of
// its own (see attributes).
func kill(p *os.Process) { syscall.Kill(-p.Pid, syscall.SIGKILL) } // an error means that all have ended
