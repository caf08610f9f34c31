package cli

import "syscall"

// Network errors. Winsock has its own numbers; the constants in package syscall have other
// values.
const (
	ErrAddressInUse      = syscall.Errno(10048) // WSAEADDRINUSE
	ErrConnectionRefused = syscall.Errno(10061) // WSAECONNREFUSED
)
