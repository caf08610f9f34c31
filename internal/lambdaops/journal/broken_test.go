package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const other = "arn:aws:lambda:eu-central-1:123456789012:function:bills"

// TestBrokenJournal: a journal whose content does not match its name is reported, and
// blocks only its own function.
func TestBrokenJournal(t *testing.T) {
	const good = `{"id":"one","arn":"` + arn + `","function":"orders","outcome":""}`
	for name, text := range map[string]string{
		"garbled":            "{",
		"without an id":      strings.Replace(good, `"one"`, `""`, 1),
		"an id with a path":  strings.Replace(good, `"one"`, `"../one"`, 1),
		"of another ARN":     strings.Replace(good, arn, other, 1),
		"without an ARN":     strings.Replace(good, arn, "", 1),
		"another function's": strings.Replace(good, `"function":"orders"`, `"function":"bills"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			d := newDir(t)
			if _, err := d.Begin(Operation{ID: "bills-1", ARN: other}); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(d.Path, "eu-central-1.123456789012.orders.open.json")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			open, err := d.Unfinished()
			if broken, ok := errors.AsType[*BrokenError](err); !ok || broken.File != file {
				t.Errorf("error %v, want one that names %s", err, file)
			}
			if len(open) != 1 || open[0].ID != "bills-1" {
				t.Errorf("unfinished: %+v, want the other function's", open)
			}
			if _, _, err := d.Last(arn); err == nil {
				t.Error("Last returned an operation although the journal is broken")
			}
			if _, err := d.Begin(Operation{ID: "two", ARN: arn}); err == nil {
				t.Error("Begin ignored a broken journal")
			}
			if last, ok, err := d.Last(other); err != nil || !ok || last.ID != "bills-1" {
				t.Errorf("the other function's last: %+v, %v, %v", last, ok, err)
			}
		})
	}
}

// TestFinishedUnderAnotherName: a finished journal has its id in its name.
func TestFinishedUnderAnotherName(t *testing.T) {
	d := newDir(t)
	op, err := d.Begin(Operation{ID: "one", ARN: arn})
	if err == nil {
		err = d.Finish(op)
	}
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(d.Path, "eu-central-1.123456789012.orders.")
	if err := os.Rename(at+"one.json", at+"two.json"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Last(arn); err == nil {
		t.Error("a journal under another operation's name was taken")
	}
}

// TestKilledWhileFinishing: a process was killed after it wrote the outcome and before it
// renamed the file. The next operation can begin.
func TestKilledWhileFinishing(t *testing.T) {
	d := newDir(t)
	op, err := d.Begin(Operation{ID: "one", ARN: arn})
	if err != nil {
		t.Fatal(err)
	}
	op.Outcome = "upgraded"
	if err := d.Save(op); err != nil {
		t.Fatal(err)
	}
	if open, err := d.Unfinished(); err != nil || len(open) != 0 {
		t.Errorf("unfinished: %+v, %v", open, err)
	}
	if _, err := d.Begin(Operation{ID: "two", ARN: arn}); err != nil {
		t.Errorf("the next operation: %v", err)
	}
	if files, _ := filepath.Glob(filepath.Join(d.Path, "*.one.json")); len(files) != 1 {
		t.Errorf("the finished one: %v", files)
	}
}

func TestNoJournalWithoutAnID(t *testing.T) {
	for _, id := range []string{"", "a/b", "../x"} {
		if _, err := newDir(t).Begin(Operation{ID: id, ARN: arn}); err == nil {
			t.Errorf("began the operation %q", id)
		}
	}
}
