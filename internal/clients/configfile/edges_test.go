package configfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"serverless-mcp/internal/clients/clientconfig"
)

// A list of strings in one line stays in one line, with all its items.
func TestListInOneLine(t *testing.T) {
	value := clientconfig.Object{{Name: "args", Value: []string{"a", "b", "c"}}}
	got, err := Set(clientconfig.JSON, []byte("{\n  \"m\": {\n    \"args\": [\"x\"]\n  }\n}\n"), []string{"m"}, value)
	if want := "{\n  \"m\": {\n    \"args\": [\"a\", \"b\", \"c\"]\n  }\n}\n"; err != nil || string(got) != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}

// A file whose root is not an object is an error, and is not treated as empty.
func TestRootIsNotAnObject(t *testing.T) {
	for _, c := range []struct {
		format     clientconfig.Format
		text, want string
	}{
		{clientconfig.JSON, `[1]`, ""}, {clientconfig.JSON, `5`, ""}, {clientconfig.JSON, `{"a":1,}}`, ""},
		{clientconfig.YAML, "a: 1\nb: 2\na: 3\n", "it is not valid YAML: line 3: a name occurs twice"},
		{clientconfig.YAML, "- a\n", "it is not a valid YAML settings file"}, {clientconfig.YAML, "a: 1\n---\nb: 2\n", "it contains several documents"},
		{clientconfig.TOML, "a = \n", ""},
	} {
		value, found, err := Get(c.format, []byte(c.text), []string{"a"})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Get in %q: %v, %v, %v, want an error with %q", c.text, value, found, err, c.want)
		}
		if got, err := Set(c.format, []byte(c.text), []string{"m", "s"}, clientconfig.Object{{Name: "url", Value: "u"}}); err == nil {
			t.Errorf("Set in %q made %q", c.text, got)
		}
	}
}

// Lines that do not exist are not replaced.
func TestReplaceLines(t *testing.T) {
	for _, r := range [][2]int{{0, 1}, {2, 1}, {1, 4}, {3, 5}} {
		f := yamlFile{lines: []string{"a\n", "b\n"}}
		if err := f.replace(r[0], r[1], "x\n"); !errors.Is(err, ErrByHand) || string(f.text()) != "a\nb\n" {
			t.Errorf("replace(%d, %d): %v, %q", r[0], r[1], err, f.text())
		}
	}
}

// A file is not deleted if no file for the copy can be created in its folder.
func TestDeleteWithoutAPlaceForTheCopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("x", 250)) // temporary names are longer, over the 255 of most systems
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Skip("no long names here: ", err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if file, err := os.CreateTemp(filepath.Dir(path), tempPattern(f.Target)); err == nil {
		file.Close()
		t.Skip("longer names are possible here")
	}
	if err := f.Delete(); err == nil || !strings.Contains(err.Error(), "delete "+path) {
		t.Errorf("Delete: %v, want an error", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "text" {
		t.Errorf("the file has %q, %v", text, err)
	}
}

// A read-only file is not deleted, although its folder would allow it.
func TestDeleteReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte("text"), 0o400); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Delete(); err == nil || !strings.Contains(err.Error(), "the file is read-only") {
		t.Errorf("Delete: %v, want an error", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "text" {
		t.Errorf("the file has %q, %v", text, err)
	}
}
