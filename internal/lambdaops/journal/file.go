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

// BrokenError is the error of a journal that cannot be read, or whose content does not
// match its name.
type BrokenError struct {
	File string // path of the journal
	Err  error
}

// Error returns the problem and what to do.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("the journal %s cannot be used (%v): check the function and look for a leftover copy, then move the file away", e.File, e.Err)
}

// Unwrap returns the cause.
func (e *BrokenError) Unwrap() error { return e.Err }

var (
	arnForm = regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[a-zA-Z0-9_-]{1,64}$`)
	idForm  = regexp.MustCompile(`^[a-zA-Z0-9-]+$`) // part of file names and of the tag of copies
)

// key returns the identifying part of an ARN as part of a file name:
// REGION.ACCOUNT.FUNCTION.
func key(arn string) (string, error) {
	if !arnForm.MatchString(arn) {
		return "", fmt.Errorf("journal: %q is not a function's ARN", arn)
	}
	parts := strings.Split(arn, ":")
	return parts[3] + "." + parts[4] + "." + parts[6], nil
}

// Region returns the region of a function's ARN, or "".
func Region(arn string) string {
	if !arnForm.MatchString(arn) {
		return ""
	}
	return strings.Split(arn, ":")[3]
}

func functionName(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

// openFile returns the path of the open journal of a function.
func (d Dir) openFile(arn string) (string, error) {
	k, err := key(arn)
	if err != nil {
		return "", err
	}
	return filepath.Join(d.Path, k+".open.json"), nil
}

// read reads a journal. The error is a [BrokenError] unless the file is missing.
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

// check returns an error if no operation can have written this content under this name.
// A rollback from such a journal could change another function, or delete one that is not
// a copy.
func check(op Operation, name string) error {
	k, err := key(op.ARN)
	switch {
	case err != nil:
		return err
	case !idForm.MatchString(op.ID):
		return fmt.Errorf("%q is not an operation's id", op.ID)
	case op.Function != functionName(op.ARN):
		return fmt.Errorf("it names the function %q and the ARN %s", op.Function, op.ARN)
	case name != k+".open.json" && name != k+"."+op.ID+".json":
		return fmt.Errorf("it belongs to operation %s on %s", op.ID, op.ARN)
	}
	return nil
}

// writeTemp writes and syncs an operation to a new file in the same folder, with mode
// 0600.
func (d Dir) writeTemp(op Operation) (name string, err error) {
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
