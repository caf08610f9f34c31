package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// BrokenError is of a journal that cannot be read, or is not what its name says
// that it is. What it knew of its function is not known.
type BrokenError struct {
	File string // its path
	Err  error
}

// Error says what is the matter, and what to do.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("the journal %s cannot be used (%v): see whether the function is as it should be and has no copy left over, then move the file away", e.File, e.Err)
}

// Unwrap is why.
func (e *BrokenError) Unwrap() error { return e.Err }

var (
	arnForm = regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[a-zA-Z0-9_-]{1,64}$`)
	idForm  = regexp.MustCompile(`^[a-zA-Z0-9-]+$`) // part of a file's name, and a tag by which a copy is known
)

// key is the part of an ARN that tells functions apart, fit for a file name:
// REGION.ACCOUNT.FUNCTION.
func key(arn string) (string, error) {
	if !arnForm.MatchString(arn) {
		return "", fmt.Errorf("journal: %q is no function's ARN", arn)
	}
	parts := strings.Split(arn, ":")
	return parts[3] + "." + parts[4] + "." + parts[6], nil
}

// Region is the region in a function's ARN.
func Region(arn string) string {
	if !arnForm.MatchString(arn) {
		return ""
	}
	return strings.Split(arn, ":")[3]
}

func nameIn(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

func (d Dir) open(arn string) (string, error) {
	k, err := key(arn)
	if err != nil {
		return "", err
	}
	return filepath.Join(d.Path, k+".open.json"), nil
}

// read reads a journal; the error is a [BrokenError], unless there is none.
func read(name string) (Operation, error) {
	var op Operation
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return op, fmt.Errorf("read journal: %w", err)
	}
	if err == nil {
		err = json.Unmarshal(data, &op)
	}
	if err == nil {
		err = check(op, filepath.Base(name))
	}
	if err != nil {
		return Operation{}, &BrokenError{name, err}
	}
	return op, nil
}

// check refuses what no operation wrote under that name: a rollback would act
// on another function, or delete functions that are no copies.
func check(op Operation, name string) error {
	k, err := key(op.ARN)
	switch {
	case err != nil:
		return err
	case !idForm.MatchString(op.ID):
		return fmt.Errorf("%q is no operation's id", op.ID)
	case op.Function != nameIn(op.ARN):
		return fmt.Errorf("it names %q and %s", op.Function, op.ARN)
	case name != k+".open.json" && name != k+"."+op.ID+".json":
		return fmt.Errorf("it is of operation %s on %s", op.ID, op.ARN)
	}
	return nil
}

// temp writes an operation to a new file beside the journals, readable by its
// owner only, and makes sure that it is on the disk.
func (d Dir) temp(op Operation) (name string, err error) {
	data, err := json.MarshalIndent(op, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write journal: %w", err)
	}
	if err := os.MkdirAll(d.Path, 0o700); err != nil {
		return "", fmt.Errorf("write journal: %w", err)
	}
	f, err := os.CreateTemp(d.Path, ".journal-*") // with mode 0600
	if err != nil {
		return "", fmt.Errorf("write journal: %w", err)
	}
	_, err = f.Write(append(data, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", fmt.Errorf("write journal: %w", err)
	}
	return f.Name(), nil
}
