package main

import "syscall"

// Winsock's own numbers: package syscall's names stand for others here.
const (
	errInUse   = syscall.Errno(10048) // WSAEADDRINUSE
	errRefused = syscall.Errno(10061) // WSAECONNREFUSED
)
