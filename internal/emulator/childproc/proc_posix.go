//go:build unix && !linux

package childproc

import "syscall"

// attributes puts the process into its own group, so that Ctrl-C in the terminal does
// not reach it and Kill reaches its children. If this process is killed, a Go
// function exits at its next call of the Runtime API.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// PeakMemoryMB returns 0: this operating system does not report it for a running
// process.
func PeakMemoryMB(int) int { return 0 }
