package journal

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const arn = "arn:aws:lambda:eu-central-1:123456789012:function:orders"

func newDir(t *testing.T) Dir {
	t.Helper()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	return Dir{Path: filepath.Join(t.TempDir(), "deep", "operations"), Now: func() time.Time { now = now.Add(time.Second); return now }}
}

func TestLifecycle(t *testing.T) {
	d := newDir(t)
	op, err := d.Begin(Operation{ID: "one", ARN: arn, Function: "orders", From: "nodejs18.x"})
	if err != nil {
		t.Fatal(err)
	}
	if other, err := d.Begin(Operation{ID: "two", ARN: arn}); !errors.Is(err, ErrUnfinished) || other.ID != "one" {
		t.Errorf("a second operation: %v, %v; want ErrUnfinished and the first", other.ID, err)
	}
	op.Steps = append(op.Steps, Step{Name: "update", State: Started})
	if err := d.Save(op); err != nil {
		t.Fatal(err)
	}
	open, err := d.Unfinished()
	if err != nil || len(open) != 1 || len(open[0].Steps) != 1 {
		t.Fatalf("unfinished: %+v, %v; want the one with its step", open, err)
	}
	op.Outcome = "upgraded"
	if err := d.Finish(op); err != nil {
		t.Fatal(err)
	}
	if open, err := d.Unfinished(); err != nil || len(open) != 0 {
		t.Errorf("unfinished after the end: %v, %v", open, err)
	}
	if last, ok, err := d.Last(arn); err != nil || !ok || last.Outcome != "upgraded" {
		t.Errorf("last: %+v, %v, %v", last, ok, err)
	}
	if _, err := d.Begin(Operation{ID: "three", ARN: arn}); err != nil {
		t.Errorf("the next operation: %v", err)
	}
	if last, _, _ := d.Last(arn); last.ID != "three" {
		t.Errorf("last is %s, want the unfinished", last.ID)
	}
}

// TestLastAfterTheClockWasSetBack: Last returns the unfinished operation even if the clock
// was set back before it began.
func TestLastAfterTheClockWasSetBack(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	d := newDir(t)
	d.Now = func() time.Time { return now }
	op, err := d.Begin(Operation{ID: "one", ARN: arn})
	if err != nil {
		t.Fatal(err)
	}
	op.Outcome = "upgraded"
	if err := d.Finish(op); err != nil {
		t.Fatal(err)
	}
	now = now.Add(-time.Hour)
	if _, err := d.Begin(Operation{ID: "two", ARN: arn}); err != nil {
		t.Fatal(err)
	}
	if last, ok, err := d.Last(arn); last.ID != "two" || !ok || err != nil {
		t.Errorf("last is %q, %v, %v; want the unfinished one", last.ID, ok, err)
	}
}

func TestFileModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mode bits")
	}
	d := newDir(t)
	op, err := d.Begin(Operation{ID: "one", ARN: arn})
	if err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		entries, err := os.ReadDir(d.Path)
		if err != nil || len(entries) != 1 {
			t.Fatalf("%s: %d files, %v; want one", when, len(entries), err)
		}
		info, err := entries[0].Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %s has mode %v, want 0600 (%v)", when, info.Name(), info.Mode(), err)
		}
	}
	check("begun")
	if err := d.Save(op); err != nil {
		t.Fatal(err)
	}
	check("saved")
	if err := d.Finish(op); err != nil {
		t.Fatal(err)
	}
	check("finished")
	if info, err := os.Stat(d.Path); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v, %v; want 0700", info.Mode(), err)
	}
}

func TestFunctionsAreSeparate(t *testing.T) {
	d := newDir(t)
	other := []string{
		"arn:aws:lambda:eu-central-1:123456789012:function:orders-2",
		"arn:aws:lambda:us-east-1:123456789012:function:orders",
		"arn:aws:lambda:eu-central-1:999999999999:function:orders",
	}
	for i, arn := range append(other, arn) {
		if _, err := d.Begin(Operation{ID: string(rune('a' + i)), ARN: arn}); err != nil {
			t.Errorf("begin for %s: %v", arn, err)
		}
	}
	if last, ok, err := d.Last(arn); !ok || err != nil || last.ARN != arn {
		t.Errorf("last of orders: %+v, %v, %v", last, ok, err)
	}
	open, _ := d.Unfinished()
	var ids []string
	for _, op := range open {
		ids = append(ids, op.ID)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d"}, ids); diff != "" {
		t.Errorf("unfinished, the oldest first (-want +got):\n%s", diff)
	}
}

func TestARNsCannotContainPaths(t *testing.T) {
	d := newDir(t)
	for _, bad := range []string{"", "orders", "arn:aws:lambda:eu:1:function:../../etc", `arn:aws:lambda:eu:1:function:a\b`} {
		if _, err := d.Begin(Operation{ID: "x", ARN: bad}); err == nil {
			t.Errorf("began a journal for %q", bad)
		}
	}
}
