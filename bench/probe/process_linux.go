package probe

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// CPU returns the CPU time of a process, user and system, including threads that
// have ended. It reads the process's CPU clock, in nanoseconds, because
// /proc/<pid>/stat counts in steps of 10 ms.
func CPU(pid int) (time.Duration, error) {
	const schedClock = 2 // CPUCLOCK_SCHED of the whole process
	var at unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|schedClock), &at); err != nil {
		return 0, fmt.Errorf("read the CPU clock of process %d: %w", pid, err)
	}
	return time.Duration(at.Nano()), nil
}

// Memory returns the resident size of a process, current and peak, in bytes.
func Memory(pid int) (now, peak int64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	return kilobytes(status, "VmRSS:"), kilobytes(status, "VmHWM:"), nil
}

// kilobytes returns a field of /proc/<pid>/status in bytes; 0 if it is missing.
func kilobytes(status []byte, name string) int64 {
	_, after, _ := bytes.Cut(status, []byte(name))
	fields := bytes.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kB, _ := strconv.ParseInt(string(fields[0]), 10, 64)
	return kB << 10
}
