package configfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A lease is a write lease of the kernel on an open file (fcntl(2), F_SETLEASE).
// It is granted only if no other process has the file open. As long as it is
// held, another process that opens the file waits, and the lease is broken.
type lease struct{ file *os.File }

// leaseWait is how long [takeLease] waits for other programs to close the file.
// A program that writes a settings file usually has it open for less than that.
const leaseWait = 200 * time.Millisecond

// takeLease returns a lease on the file at path, or nil if none is granted: another program
// keeps the file open, the file belongs to another user, or the file system has no leases.
func takeLease(path string) *lease {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	for end := time.Now().Add(leaseWait); ; time.Sleep(time.Millisecond) {
		_, err := unix.FcntlInt(file.Fd(), unix.F_SETLEASE, unix.F_WRLCK)
		if err == nil {
			return &lease{file}
		}
		if !errors.Is(err, unix.EAGAIN) || !time.Now().Before(end) {
			file.Close()
			return nil
		}
	}
}

// holds reports whether the file has that text. It reads from the open file, because
// opening it again would break the lease.
func (l *lease) holds(text []byte) bool {
	got, err := io.ReadAll(io.NewSectionReader(l.file, 0, int64(len(text))+1))
	return err == nil && bytes.Equal(got, text)
}

// intact reports whether no other program has opened the file since the lease was taken.
func (l *lease) intact() bool {
	kind, err := unix.FcntlInt(l.file.Fd(), unix.F_GETLEASE, 0)
	return err == nil && kind == unix.F_WRLCK
}

// isAt reports whether the leased file is the one at path.
func (l *lease) isAt(path string) bool {
	held, err := l.file.Stat()
	if err != nil {
		return false
	}
	now, err := os.Lstat(path)
	return err == nil && os.SameFile(held, now)
}

// release lets programs that wait to open the file continue.
func (l *lease) release() {
	if l != nil {
		l.file.Close() // which ends the lease
	}
}
