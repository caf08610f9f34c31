package configfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"serverless-mcp/internal/clients/configfile"
)

// TestNoOpenDuringExchange: a program that opens the file after the
// last comparison, and writes into it later, would write into the old file. The
// lease makes it wait, and the exchange is repeated.
func TestNoOpenDuringExchange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	needsLeases(t, path)
	f, err := configfile.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	calls, opened := 0, 0
	configfile.BeforeExchange(&f, func() {
		if calls++; calls > 1 {
			return
		}
		other, err := os.OpenFile(path, os.O_WRONLY|unix.O_NONBLOCK, 0)
		if err == nil {
			opened++
			other.Close()
		} else if !errors.Is(err, unix.EWOULDBLOCK) {
			t.Errorf("another program opens the file: %v", err)
		}
	})
	if _, err := f.Write([]byte("new"), false); err != nil {
		t.Fatal(err)
	}
	if opened > 0 {
		t.Error("another program could open the file between the comparison and the exchange")
	}
	if calls < 2 {
		t.Errorf("%d exchanges, want another one after the lease was broken", calls)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new" {
		t.Errorf("the file has %q (%v)", got, err)
	}
}

// needsLeases skips a test on file systems without leases.
func needsLeases(t *testing.T, path string) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := unix.FcntlInt(file.Fd(), unix.F_SETLEASE, unix.F_WRLCK); err != nil {
		t.Skipf("the file system has no leases: %v", err)
	}
}

// openTwice opens a file as another program that will write into it, and for an edit.
func openTwice(t *testing.T, path string) (other *os.File, f configfile.File) {
	t.Helper()
	other, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	if f, err = configfile.Open(path); err != nil {
		t.Fatal(err)
	}
	return other, f
}

// Write waits only briefly for a program that keeps the file open.
func TestNoLeaseOnAnOpenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	needsLeases(t, path)
	_, f := openTwice(t, path)
	written := make(chan error, 1)
	go func() {
		_, err := f.Write([]byte("new"), false)
		written <- err
	}()
	select {
	case err := <-written:
		if got, readErr := os.ReadFile(path); err != nil || readErr != nil || string(got) != "new" {
			t.Errorf("the file has %q, %v, %v", got, err, readErr)
		}
	case <-time.After(time.Minute):
		t.Error("Write waits for a program that does not close the file")
	}
}

// The text of a program that opened the file earlier, and writes to it between the last
// comparison and the exchange, is kept, and Write returns ErrChanged.
func TestWriteByAnOldHandle(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	other, f := openTwice(t, path) // so that there is no lease
	f.NoCopy = true
	configfile.BeforeExchange(&f, func() {
		if _, err := other.WriteAt([]byte("foreign"), 0); err != nil {
			t.Error(err)
		}
	})
	if _, err := f.Write([]byte("new"), false); !errors.Is(err, configfile.ErrChanged) {
		t.Errorf("Write: %v, want ErrChanged", err)
	}
	expect(t, path, "foreign", 0o600)
	onlyFiles(t, dir, "config")
}
