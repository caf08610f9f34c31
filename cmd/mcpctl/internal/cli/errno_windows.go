package cli

import "syscall"

// Errors of the network. Winsock has its own numbers; the names in package
// syscall stand for others.
const (
	ErrAddressInUse      = syscall.Errno(10048) // WSAEADDRINUSE
	ErrConnectionRefused = syscall.Errno(10061) // WSAECONNREFUSED
)
