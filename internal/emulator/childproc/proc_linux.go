package childproc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// attributes puts the process into its own group, so that Ctrl-C in the terminal does
// not reach it and Kill reaches its children. Pdeathsig kills it when this process
// dies, even by SIGKILL.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// PeakMemoryMB returns the peak resident size of a running process, or 0 if unknown.
// It reads /proc because the resource usage at exit includes this process's size:
// the child shares its memory until exec.
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
