package configfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// tempPattern returns the pattern of a temporary file in target's folder, for
// os.CreateTemp.
func tempPattern(target string) string { return "." + filepath.Base(target) + "-*" }

// replace writes text to a temporary file and moves it into place, if the file still is as
// [Open] read it: no write of another program in between is lost.
func (f File) replace(text []byte, mode fs.FileMode) error {
	temp, err := writeTemp(f.Target, text, mode, f.info)
	if err != nil {
		return err
	}
	defer os.Remove(temp) // what is left: our text after a failure, or the old text
	if !f.Exists {
		return errors.Join(f.sync(temp), create(temp, f.Target))
	}
	for try := 1; ; try++ {
		broken, err := f.exchange(temp)
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			// A write between the comparison and this step would be lost.
			return errors.Join(f.sync(temp), os.Rename(temp, f.Target))
		case err != nil:
			return err
		case !broken:
			// Sync after the exchange, because other programs may write the file while the
			// disk is slow. temp still has the old text.
			return errors.Join(f.verifyExchange(temp, text), f.sync(f.Target))
		case try == exchangeTries:
			return ErrChanged
		}
		time.Sleep(time.Millisecond)
	}
}

// exchange swaps temp and the file, if the file still has the text that [Open] read. broken
// reports that another program opened the file in the meantime, perhaps only to read it:
// then nothing was swapped.
func (f File) exchange(temp string) (broken bool, err error) {
	held := takeLease(f.Target)
	defer held.release()
	if !f.isOld(held) {
		return false, ErrChanged
	}
	if held != nil && !held.intact() {
		return true, nil
	}
	if f.beforeExchange != nil {
		f.beforeExchange()
	}
	if err := exchange(temp, f.Target); err != nil || held == nil || held.intact() && held.isAt(temp) {
		return false, err
	}
	return true, exchange(temp, f.Target)
}

// sync waits until a file has been written to disk.
func (f File) sync(path string) error {
	if f.NoSync {
		return nil
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// exchangeTries limits how often files are exchanged because other programs keep
// opening them.
const exchangeTries = 20

// verifyExchange checks the file that the exchange moved to temp. If another program has
// written to it since [Open] read it, even through a file handle from before the exchange,
// that file is moved back. Our own text, which that moves out, is checked in the same way:
// a program may have opened it in between.
func (f File) verifyExchange(temp string, ours []byte) error {
	expected, outcome := f.Text, error(nil)
	for range exchangeTries {
		got, err := f.settled(temp, expected)
		if err != nil {
			return err
		}
		if bytes.Equal(got, expected) {
			return outcome
		}
		if err := exchange(temp, f.Target); err != nil {
			return err
		}
		if outcome == nil {
			expected = ours
		} else if expected, err = os.ReadFile(temp); err != nil {
			return err
		}
		outcome = ErrChanged
	}
	return outcome
}

// settled returns the text of the file at path as soon as it differs from expected, or
// after Settle.
func (f File) settled(path string, expected []byte) ([]byte, error) {
	for end := time.Now().Add(f.Settle); ; {
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(text, expected) || !time.Now().Before(end) {
			return text, err
		}
		time.Sleep(time.Millisecond)
	}
}

// isOld reports whether the file still has the text that [Open] read. held is the
// lease on it, or nil.
func (f File) isOld(held *lease) bool {
	if held != nil {
		return held.holds(f.Text) && held.isAt(f.Target)
	}
	text, err := os.ReadFile(f.Target)
	return err == nil && bytes.Equal(text, f.Text)
}

// create renames temp to target, unless target exists.
func create(temp, target string) error {
	err := os.Link(temp, target)
	switch {
	case err == nil, errors.Is(err, fs.ErrExist):
		if err != nil {
			return ErrChanged
		}
		return nil
	}
	// On a file system without hard links, checking and renaming are not atomic.
	if _, statErr := os.Lstat(target); !errors.Is(statErr, fs.ErrNotExist) {
		return ErrChanged
	}
	return os.Rename(temp, target)
}

// writeTemp writes text to a new file in target's folder, with the owner of the file that
// it will replace, and returns its path.
func writeTemp(target string, text []byte, mode fs.FileMode, old fs.FileInfo) (string, error) {
	temp, err := os.CreateTemp(filepath.Dir(target), tempPattern(target)) // 0600
	if err != nil {
		return "", err
	}
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Close())
	if err == nil {
		keepOwner(temp.Name(), old)
		err = os.Chmod(temp.Name(), mode)
	}
	if err != nil {
		os.Remove(temp.Name())
		return "", err
	}
	return temp.Name(), nil
}
