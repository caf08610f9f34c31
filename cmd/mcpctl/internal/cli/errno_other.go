//go:build !windows

package cli

import "syscall"

// Network errors.
const (
	ErrAddressInUse      = syscall.EADDRINUSE
	ErrConnectionRefused = syscall.ECONNREFUSED
)
