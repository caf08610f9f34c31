//go:build !linux

package probe

import (
	"errors"
	"time"
)

var errLinux = errors.New("CPU time and memory of other processes are measured on Linux only")

// CPU returns an error on this system.
func CPU(int) (time.Duration, error) { return 0, errLinux }

// Memory returns an error on this system.
func Memory(int) (now, peak int64, err error) { return 0, 0, errLinux }
