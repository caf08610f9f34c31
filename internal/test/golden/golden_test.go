package golden

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// recorder is a testing.TB that counts errors instead of failing.
type recorder struct {
	testing.TB
	errors int
}

func (r *recorder) Helper()                   {}
func (r *recorder) Errorf(string, ...any)     { r.errors++ }
func (r *recorder) Fatal(args ...any)         { panic(fmt.Sprint(args...)) }
func (r *recorder) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func TestCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "file.golden")
	setUpdate(t, true)
	Check(t, path, "one\ntwo\n")
	setUpdate(t, false)
	Check(t, path, "one\ntwo\n")
	for _, other := range []string{"", "one\ntwo", "one\ntwo\n\n"} {
		r := &recorder{TB: t}
		if Check(r, path, other); r.errors != 1 {
			t.Errorf("Check accepted %q, want an error", other)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "one\ntwo\n" {
		t.Errorf("without -update the file became %q, %v", got, err)
	}
}

func TestCheckJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file.json")
	setUpdate(t, true)
	CheckJSON(t, path, map[string]any{"a": []int{1}})
	setUpdate(t, false)
	Check(t, path, "{\n  \"a\": [\n    1\n  ]\n}\n")
	CheckJSON(t, path, json.RawMessage(`{"a":[1]}`))
	r := &recorder{TB: t}
	if CheckJSON(r, path, json.RawMessage(`{"a":[2]}`)); r.errors != 1 {
		t.Error("CheckJSON accepted another value, want an error")
	}
}

func setUpdate(t *testing.T, value bool) {
	before := *update
	*update = value
	t.Cleanup(func() { *update = before })
}
