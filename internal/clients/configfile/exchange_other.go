//go:build !linux

package configfile

import "errors"

// exchange is supported on Linux only.
func exchange(_, _ string) error { return errors.ErrUnsupported }
