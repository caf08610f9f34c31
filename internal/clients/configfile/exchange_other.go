//go:build !linux

package configfile

import "errors"

// exchange would swap two files in one step.
func exchange(_, _ string) error { return errors.ErrUnsupported }
