package childproc

import (
	"os"
	"syscall"
)

// attributes give a process a group of its own, so that Ctrl-C in the terminal
// reaches only us. When we are killed, a Go function ends by itself on its next
// call to the Runtime API.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// Terminate ends the process at once: there is no signal to ask by.
func Terminate(p *os.Process) { p.Kill() } // an error means that it has ended

// Kill ends the process; what it started is left to itself.
func Kill(p *os.Process) { p.Kill() }

// PeakMemoryMB is 0: the memory of a live process is not told here.
func PeakMemoryMB(int) int { return 0 }
