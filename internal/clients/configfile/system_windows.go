package configfile

import (
	"errors"
	"io/fs"
	"syscall"
)

// isReadOnlyFS recognizes ERROR_WRITE_PROTECT.
func isReadOnlyFS(err error) bool { return errors.Is(err, syscall.Errno(19)) }

// links returns 0: on Windows the file information lacks the number of hard links.
func links(fs.FileInfo) uint64 { return 0 }

func keepOwner(string, fs.FileInfo) {}
