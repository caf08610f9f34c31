package configfile

import (
	"errors"
	"syscall"
)

// isReadOnlyFS knows ERROR_WRITE_PROTECT.
func isReadOnlyFS(err error) bool { return errors.Is(err, syscall.Errno(19)) }
