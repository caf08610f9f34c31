//go:build unix && !linux

package childproc

import "syscall"

// attributes give a process a group of its own, so that Ctrl-C in the terminal
// reaches only us and kill reaches its children. When we are killed, a Go
// function ends by itself on its next call to the Runtime API.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// PeakMemoryMB is 0: the memory of a live process is not told here.
func PeakMemoryMB(int) int { return 0 }
