//go:build !windows

package configfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

func isReadOnlyFS(err error) bool { return errors.Is(err, syscall.EROFS) }

// links returns the number of hard links.
func links(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Nlink)
	}
	return 0
}

// keepOwner gives the file at path the owner and group of old, for a root user
// who changes another user's file. Other users may not change owners, and need not.
func keepOwner(path string, old fs.FileInfo) {
	if old == nil {
		return
	}
	if s, ok := old.Sys().(*syscall.Stat_t); ok {
		os.Chown(path, int(s.Uid), int(s.Gid)) // best effort
	}
}
