package childproc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// attributes give a process a group of its own, so that Ctrl-C in the terminal
// reaches only us and kill reaches its children; and let it die with us, even
// when we are killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// PeakMemoryMB is the largest resident size of a live process, or 0. It comes
// from /proc, not from the resource usage at exit: that one starts at our own
// size, because the child shares our memory until it has loaded its program.
func PeakMemoryMB(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := bytes.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kB, err := strconv.Atoi(string(fields[0]))
	if err != nil {
		return 0
	}
	return (kB + 1023) / 1024
}
