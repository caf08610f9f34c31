//go:build unix

package connect_test

import (
	"syscall"
	"testing"
)

// makePipe makes a named pipe: opening it waits for a writer.
func makePipe(t *testing.T, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}
