//go:build !windows

package cli

import "syscall"

// Errors of the network.
const (
	ErrAddressInUse      = syscall.EADDRINUSE
	ErrConnectionRefused = syscall.ECONNREFUSED
)
