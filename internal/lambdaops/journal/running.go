package journal

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// MayBeRunning reports whether the process of an operation may still be running. It is
// false for this process, which tracks its own operations, and true for processes on other
// machines that share the directory.
func MayBeRunning(op Operation) bool {
	host, err := os.Hostname()
	if err != nil || host != op.Host {
		return true
	}
	if op.PID == os.Getpid() {
		return false
	}
	p, err := os.FindProcess(op.PID)
	if err != nil {
		return false
	}
	defer p.Release()
	if runtime.GOOS == "windows" {
		return true // on Windows, FindProcess fails if the process has exited
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, syscall.EPERM)
}
