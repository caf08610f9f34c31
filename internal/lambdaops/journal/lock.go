package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrLocked is returned for a function that somebody else is at work on.
var ErrLocked = errors.New("another call or process is at work on the function")

// Lock keeps everybody else on this machine from a function until it is
// released: other processes, and other calls of this one. The operating system
// releases it when the process ends, however that ends. The file stays, as
// whoever removed it could remove that of the next.
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
	return func() { _ = f.Close() }, nil // nothing was written to it
}
