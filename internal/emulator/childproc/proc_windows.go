package childproc

import (
	"os"
	"syscall"
)

// attributes puts the process into its own group, so that Ctrl-C in the terminal does
// not reach it. If this process is killed, a Go function exits at its next call of
// the Runtime API.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// Terminate kills the process: Windows has no SIGTERM.
func Terminate(p *os.Process) { p.Kill() } // an error means that it has exited

// Kill kills the process, but not its children.
func Kill(p *os.Process) { p.Kill() }

// PeakMemoryMB returns 0: this operating system does not report it for a running
// process.
func PeakMemoryMB(int) int { return 0 }
