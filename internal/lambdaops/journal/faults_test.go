package journal

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestNoDirectory: if the path is a file, every method returns an error that names the action.
func TestNoDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := Dir{Path: file}
	op := Operation{ID: "one", ARN: arn}
	for name, tc := range map[string]struct {
		do   func() error
		want string
	}{
		"Begin":      {func() error { _, err := d.Begin(op); return err }, "write journal: "},
		"Save":       {func() error { return d.Save(op) }, "write journal: "},
		"Finish":     {func() error { return d.Finish(op) }, "write journal: "},
		"Unfinished": {func() error { _, err := d.Unfinished(); return err }, "list journals: "},
		"Last":       {func() error { _, _, err := d.Last(arn); return err }, "list journals: "},
		"Lock":       {func() error { _, err := d.Lock(arn); return err }, "lock journal: "},
		"Secure":     {d.Secure, "create directory of journals: "},
	} {
		if err := tc.do(); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, tc.want)
		}
	}
}

// TestInvalidARN: every method that takes a function's ARN checks it.
func TestInvalidARN(t *testing.T) {
	d := newDir(t)
	for _, arn := range []string{"", "orders", arn + ":1", strings.Replace(arn, "orders", "../orders", 1)} {
		op := Operation{ID: "one", ARN: arn}
		for name, do := range map[string]func() error{
			"Begin":  func() error { _, err := d.Begin(op); return err },
			"Save":   func() error { return d.Save(op) },
			"Finish": func() error { return d.Finish(op) },
			"Last":   func() error { _, _, err := d.Last(arn); return err },
			"Lock":   func() error { _, err := d.Lock(arn); return err },
		} {
			if err := do(); err == nil || !strings.Contains(err.Error(), "is not a function's ARN") {
				t.Errorf("%s with %q: %v", name, arn, err)
			}
		}
		if got := Region(arn); got != "" {
			t.Errorf("Region(%q) = %q", arn, got)
		}
	}
	if got := Region(arn); got != "eu-central-1" {
		t.Errorf("Region = %q", got)
	}
	if _, err := os.Stat(d.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an invalid ARN left files: %v", err)
	}
}

// block creates a non-empty directory with the name of a journal file.
func (d Dir) block(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(d.Path, name, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
}

const base = "eu-central-1.123456789012.orders."

// TestWriteFails: if a journal cannot be replaced, all methods return an error and leave no
// temporary file.
func TestWriteFails(t *testing.T) {
	d := newDir(t)
	d.block(t, base+"open.json")
	if err := d.Save(Operation{ID: "one", ARN: arn}); err == nil || !strings.HasPrefix(err.Error(), "write journal: ") {
		t.Errorf("Save: %v", err)
	}
	if err := d.Finish(Operation{ID: "one", ARN: arn}); err == nil {
		t.Error("Finish without Save succeeded")
	}
	if _, err := d.Begin(Operation{ID: "one", ARN: arn}); err == nil || !errors.As(err, new(*BrokenError)) {
		t.Errorf("Begin: %v, want a BrokenError", err)
	}
	left, err := filepath.Glob(filepath.Join(d.Path, ".journal-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("temporary files %v, %v", left, err)
	}
}

// TestFinishFails: an operation whose journal cannot be closed is not lost: it stays
// unfinished or counts as finished.
func TestFinishFails(t *testing.T) {
	d := newDir(t)
	op, err := d.Begin(Operation{ID: "one", ARN: arn})
	if err != nil {
		t.Fatal(err)
	}
	d.block(t, base+"one.json")
	op.Outcome = "upgraded"
	if err := d.Finish(op); err == nil || !strings.HasPrefix(err.Error(), "finish journal: ") {
		t.Errorf("Finish: %v", err)
	}
	if _, err := d.Begin(Operation{ID: "two", ARN: arn}); err == nil || !strings.HasPrefix(err.Error(), "finish journal: ") {
		t.Errorf("Begin: %v, want the error of finishing the first operation", err)
	}
	if err := os.RemoveAll(filepath.Join(d.Path, base+"one.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Begin(Operation{ID: "two", ARN: arn}); err != nil {
		t.Errorf("Begin: %v", err)
	}
	if last, ok, err := d.Last(arn); err != nil || !ok || last.ID != "two" {
		t.Errorf("last %q, %v, %v", last.ID, ok, err)
	}
}

// TestNothingRecorded: a function without operations is not an error.
func TestNothingRecorded(t *testing.T) {
	d := newDir(t)
	for range 2 {
		if op, ok, err := d.Last(arn); ok || err != nil || op.ID != "" {
			t.Errorf("Last = %+v, %v, %v", op, ok, err)
		}
		if all, err := d.Unfinished(); len(all) > 0 || err != nil {
			t.Errorf("Unfinished = %v, %v", all, err)
		}
		if err := os.MkdirAll(d.Path, 0o700); err != nil { // an empty directory is not an error either
			t.Fatal(err)
		}
	}
}

// TestLastWithABrokenJournal: the broken journal may be the last one, so Last returns none.
func TestLastWithABrokenJournal(t *testing.T) {
	d := newDir(t)
	if _, err := d.Begin(Operation{ID: "one", ARN: arn}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.Path, base+"zero.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if op, ok, err := d.Last(arn); ok || !errors.As(err, new(*BrokenError)) || op.ID != "" {
		t.Errorf("Last = %q, %v, %v; want only the error", op.ID, ok, err)
	}
}

// TestTimes: Begin and Save record the time, of the clock or of Now, in UTC.
func TestTimes(t *testing.T) {
	d := newDir(t)
	op, err := d.Begin(Operation{ID: "one", ARN: arn, Outcome: "of an earlier run"})
	if err != nil {
		t.Fatal(err)
	}
	begun := op.Written
	if op.Outcome != "" || op.Started.IsZero() || begun.Before(op.Started) || op.PID != os.Getpid() || op.Host == "" || op.Function != "orders" {
		t.Errorf("begun as %+v", op)
	}
	if err := d.Save(op); err != nil {
		t.Fatal(err)
	}
	last, _, err := d.Last(arn)
	if err != nil || !last.Written.After(begun) || !last.Started.Equal(op.Started) {
		t.Errorf("saved at %v, begun at %v (%v)", last.Written, begun, err)
	}
	zone := time.FixedZone("east", 3600)
	if got := (Dir{Now: func() time.Time { return time.Date(2026, 1, 2, 3, 0, 0, 0, zone) }}).now(); got.Hour() != 2 || got.Location() != time.UTC {
		t.Errorf("now = %v, want UTC", got)
	}
	before := time.Now()
	if got := (Dir{}).now(); got.Before(before) || got.After(time.Now()) {
		t.Errorf("without Now: %v", got)
	}
	still := Dir{Now: func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }}
	if a, b := still.NewID(), still.NewID(); a == b {
		t.Errorf("two operations of one second have the id %q", a)
	}
	if a, b := d.NewID(), d.NewID(); a == b || !idForm.MatchString(a) || !strings.HasPrefix(a, "20261121T1200") {
		t.Errorf("ids %q, %q", a, b)
	}
}

// TestLockedIsErrLocked: Lock does not wrap ErrLocked, since callers show its text as it is.
func TestLockedIsErrLocked(t *testing.T) {
	d := newDir(t)
	release, err := d.Lock(arn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Lock(arn); err != ErrLocked {
		t.Errorf("locked twice: %v, want %v", err, ErrLocked)
	}
	release()
	release, err = d.Lock(arn)
	if err != nil {
		t.Fatalf("after the release: %v", err)
	}
	release()
	if err := os.RemoveAll(d.Path); err != nil {
		t.Fatal(err)
	}
	d.block(t, strings.TrimSuffix(base, ".")+".lock")
	if _, err := d.Lock(arn); err == nil || !strings.HasPrefix(err.Error(), "lock journal: ") {
		t.Errorf("a directory as the lock file: %v", err)
	}
}

func TestMayBeRunning(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	ended := exec.Command(os.Args[0], "-test.run=^$")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		op   Operation
		want bool
	}{
		"this process":    {Operation{PID: os.Getpid(), Host: host}, false},
		"root's process":  {Operation{PID: 1, Host: host}, true},
		"parent process":  {Operation{PID: os.Getppid(), Host: host}, true},
		"exited process":  {Operation{PID: ended.Process.Pid, Host: host}, false},
		"another machine": {Operation{PID: ended.Process.Pid, Host: host + "x"}, true},
		"unknown machine": {Operation{PID: os.Getpid()}, true},
	} {
		if got := MayBeRunning(tc.op); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

// TestSecureLeavesLinksAlone: a link in the directory does not change the mode of its
// target.
func TestSecureLeavesLinksAlone(t *testing.T) {
	dir := openDir(t)
	target := filepath.Join(t.TempDir(), "target")
	if err := os.WriteFile(target, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := (Dir{Path: dir}).Secure(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{target: 0o644, filepath.Join(dir, "folder"): 0o755} {
		if got := mode(t, path); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
}

// TestBrokenErrorText names the file and what to do.
func TestBrokenErrorText(t *testing.T) {
	cause := errors.New("cause")
	err := &BrokenError{"a.json", cause}
	if !errors.Is(err, cause) || !strings.Contains(err.Error(), "the journal a.json cannot be used (cause)") {
		t.Errorf("%v", err)
	}
}
