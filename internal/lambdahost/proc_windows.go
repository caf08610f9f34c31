package lambdahost

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

// terminate ends the process at once: there is no signal to ask by.
func terminate(p *os.Process) { p.Kill() } // an error means that it has ended

// kill ends the process; what it started is left to itself.
func kill(p *os.Process) { p.Kill() }

// peakMemoryMB is 0: the memory of a live process is not told here.
func peakMemoryMB(int) int { return 0 }
