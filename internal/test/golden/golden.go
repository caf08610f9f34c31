// Package golden compares the output of a test with a file under version control: schemas,
// templates, dialogues, and everything else that another system reads. "go test PACKAGE
// -update" rewrites the files; review the diff before committing it.
package golden

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// update is declared in this package only, so that each test binary that compares golden
// files defines the flag exactly once.
var update = flag.Bool("update", false, "rewrite golden files")

// Update reports whether the test run rewrites its golden files.
func Update() bool { return *update }

// Check fails the test if the file at path does not contain got. With -update
// it writes got to the file instead, and creates the directory if necessary.
func Check(t testing.TB, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s is out of date: review the change, then run with -update (-want +got):\n%s", path, diff)
	}
}

// CheckJSON is like [Check], for a value that is marshaled to indented JSON with a
// final newline. A [json.RawMessage] is indented as it is.
func CheckJSON(t testing.TB, path string, value any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if raw, ok := value.(json.RawMessage); ok {
		text = raw // Marshal would escape <, > and & in it
	}
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	Check(t, path, indented.String()+"\n")
}
