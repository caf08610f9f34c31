//go:build unix

package childproc

import (
	"os"
	"syscall"
)

// Terminate sends SIGTERM to a process.
func Terminate(p *os.Process) { p.Signal(syscall.SIGTERM) } // an error means that it has exited

// Kill sends SIGKILL to a process and its children, which form a process group (see
// attributes).
func Kill(p *os.Process) { syscall.Kill(-p.Pid, syscall.SIGKILL) } // an error means that all have exited
