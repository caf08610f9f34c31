// Package journal records each step of an upgrade on disk before it is taken. If the
// process is killed, the next one can report and undo the interrupted operation.
//
// A journal contains names and versions, and never environment variables, payloads or
// results.
package journal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The states of a step.
const (
	Started = "started"
	Done    = "done"
	Failed  = "failed"
)

// Dir is the directory of all journals, with one file for each operation:
// KEY.open.json for a function's unfinished operation, of which there can be only one, and
// KEY.ID.json for finished operations.
type Dir struct {
	Path string           // required
	Now  func() time.Time // nil means time.Now
}

func (d Dir) now() time.Time {
	if d.Now == nil {
		return time.Now().UTC()
	}
	return d.Now().UTC()
}

// NewID returns a new operation's id.
func (d Dir) NewID() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return d.now().Format("20060102T150405Z") + "-" + hex.EncodeToString(b[:])
}

// Begin creates the journal of an operation. If the function has an unfinished
// operation, Begin returns that operation and [ErrUnfinished].
func (d Dir) Begin(op Operation) (Operation, error) {
	name, err := d.openFile(op.ARN)
	if err != nil {
		return Operation{}, err
	}
	if !idForm.MatchString(op.ID) {
		return Operation{}, fmt.Errorf("journal: %q is not an operation's id", op.ID)
	}
	op.Function = functionName(op.ARN)
	op = Claim(op)
	op.Started, op.Written, op.Outcome = d.now(), d.now(), ""
	temp, err := d.writeTemp(op)
	if err != nil {
		return Operation{}, err
	}
	defer os.Remove(temp)
	// A link is atomic and never replaces a file.
	err = os.Link(temp, name)
	if errors.Is(err, fs.ErrExist) {
		other, err := read(name)
		if err != nil {
			return Operation{}, err
		}
		if other.Outcome == "" {
			return other, ErrUnfinished
		}
		if err := archive(name, other); err != nil { // the process was killed before Finish renamed the file
			return Operation{}, err
		}
		if err := os.Link(temp, name); err != nil {
			return Operation{}, fmt.Errorf("begin journal: %w", err)
		}
	} else if err != nil {
		return Operation{}, fmt.Errorf("begin journal: %w", err)
	}
	return op, nil
}

// Save atomically replaces the open journal of an operation.
func (d Dir) Save(op Operation) error {
	name, err := d.openFile(op.ARN)
	if err != nil {
		return err
	}
	return d.save(name, op)
}

func (d Dir) save(name string, op Operation) error {
	op.Written = d.now()
	temp, err := d.writeTemp(op)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, name); err != nil {
		os.Remove(temp)
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// Finish writes an operation with its outcome and closes its journal.
func (d Dir) Finish(op Operation) error {
	name, err := d.openFile(op.ARN)
	if err != nil {
		return err
	}
	if err := d.save(name, op); err != nil {
		return err
	}
	return archive(name, op)
}

// archive renames the open journal of a finished operation.
func archive(name string, op Operation) error {
	if err := os.Rename(name, strings.TrimSuffix(name, "open.json")+op.ID+".json"); err != nil {
		return fmt.Errorf("finish journal: %w", err)
	}
	return nil
}

// Unfinished returns all unfinished operations, the oldest first. If the error consists
// of [BrokenError]s, the readable operations are returned with it.
func (d Dir) Unfinished() ([]Operation, error) {
	all, err := d.read("*.open.json")
	return slices.DeleteFunc(all, func(op Operation) bool { return op.Outcome != "" }), err
}

// Last returns the unfinished operation of a function or, without one, the operation that
// began last. ok is false if the function has no operation.
func (d Dir) Last(arn string) (op Operation, ok bool, err error) {
	k, err := key(arn)
	if err != nil {
		return Operation{}, false, err
	}
	all, err := d.read(k + ".*.json") // an error if any is broken, since it may be the last
	if err != nil || len(all) == 0 {
		return Operation{}, false, err
	}
	if i := slices.IndexFunc(all, func(op Operation) bool { return op.Outcome == "" }); i >= 0 {
		return all[i], true, nil
	}
	return all[len(all)-1], true, nil
}

// read returns the readable operations, and a [BrokenError] for each of the others.
func (d Dir) read(pattern string) ([]Operation, error) {
	entries, err := os.ReadDir(d.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list journals: %w", err)
	}
	var all []Operation
	var broken []error
	for _, e := range entries {
		if ok, _ := filepath.Match(pattern, e.Name()); !ok || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		op, err := read(filepath.Join(d.Path, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // finished in the meantime
		}
		if err != nil {
			broken = append(broken, err)
			continue
		}
		all = append(all, op)
	}
	slices.SortFunc(all, func(a, b Operation) int { return a.Started.Compare(b.Started) })
	return all, errors.Join(broken...)
}
