package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrLocked is returned by Lock for a function that is locked.
var ErrLocked = errors.New("another call or process is working on the function")

// Lock locks a function against other processes on this machine and other calls in this
// process. The operating system releases the lock when the process ends. The lock file
// stays, because removing it could remove the lock of another process.
func (d Dir) Lock(arn string) (release func(), err error) {
	k, err := key(arn)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(d.Path, 0o700); err != nil {
		return nil, fmt.Errorf("lock journal: %w", err)
	}
	f, err := lockFile(filepath.Join(d.Path, k+".lock"))
	if errors.Is(err, ErrLocked) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("lock journal: %w", err)
	}
	return func() { _ = f.Close() }, nil // Close cannot lose data, as nothing was written
}
