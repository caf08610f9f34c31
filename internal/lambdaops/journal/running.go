package journal

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// MayBeRunning reports whether the process of an operation may still be running. This
// very process does not count, as it knows what it is doing; of another machine
// that shares the directory nothing is known.
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
		return true // FindProcess fails there for one that has ended
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, syscall.EPERM)
}
