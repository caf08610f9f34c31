package configfile

import (
	"errors"

	"golang.org/x/sys/unix"
)

// exchange swaps two files atomically. The error is errors.ErrUnsupported on file systems
// that cannot do it.
func exchange(a, b string) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	switch {
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOTSUP):
		return errors.ErrUnsupported
	case errors.Is(err, unix.ENOENT): // another program removed it
		return ErrChanged
	}
	return err
}
