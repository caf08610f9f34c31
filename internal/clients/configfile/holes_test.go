package configfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
	"serverless-mcp/internal/test/files"
)

// A text may end inside or right after a string.
func TestTextsThatEndInAString(t *testing.T) {
	for _, text := range []string{"a = \"\"\"x\"\"\"", "a = '''x'''", "a = \"x\"", "a = \"\"\"x\"\"\"\""} {
		got, err := configfile.Set(clientconfig.TOML, []byte(text), path, entry)
		if strings.HasSuffix(text, "\"\"\"\"") {
			continue // either answer is right; it must not panic
		}
		if err != nil || !strings.HasPrefix(string(got), text+"\n") {
			t.Errorf("Set in %q = %q, %v", text, got, err)
		}
	}
}

// A comment inside an entry is deleted with the entry; those around it stay.
func TestDeleteWithACommentInside(t *testing.T) {
	for _, c := range []struct {
		format       clientconfig.Format
		before, want string
	}{
		{clientconfig.JSON, `{"m":{"s":{/* mine */ "url":"u"},"t":1}}`, `{"m":{"t":1}}`},
		{clientconfig.JSON, `{/* before */"m":{"s":{"url":"u" /* mine */}}/* after */}`, `{/* before */"m":{}/* after */}`},
		{clientconfig.TOML, "# before\n[m.s] # mine\nurl = 'u' # mine\n# after\n", "# before\n# after\n"},
	} {
		got, err := configfile.Delete(c.format, []byte(c.before), path)
		if err != nil || string(got) != c.want {
			t.Errorf("Delete in %q = %q, %v; want %q", c.before, got, err, c.want)
		}
	}
}

// If the copy cannot be made, nothing is written.
func TestNoCopyNoWrite(t *testing.T) {
	dir := t.TempDir()
	path, notAFolder := filepath.Join(dir, "mcp.json"), filepath.Join(dir, "state")
	files.WriteMode(t, path, "first", 0o600)
	files.WriteMode(t, notAFolder, "", 0o600)
	f := open(t, path)
	f.Backups = notAFolder
	if _, err := f.Write([]byte("second"), false); err == nil || !strings.Contains(err.Error(), "back up") {
		t.Errorf("Write: %v, want an error about the copy", err)
	}
	expect(t, path, "first", 0o600)
}

// A file that another program changed, created or removed is left unchanged, and no
// temporary file remains, which could contain a key.
func TestReplaceLeavesNothingBehind(t *testing.T) {
	for name, meanwhile := range map[string]func(path string) error{
		"changed": func(path string) error { return os.WriteFile(path, []byte("foreign"), 0o600) },
		"removed": os.Remove,
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "mcp.json")
		files.WriteMode(t, path, "first", 0o600)
		f := open(t, path)
		if err := meanwhile(path); err != nil {
			t.Fatal(err)
		}
		if err := configfile.Replace(f, []byte("second")); !errors.Is(err, configfile.ErrChanged) {
			t.Errorf("%s: %v, want ErrChanged", name, err)
		}
		if name == "removed" {
			onlyFiles(t, dir)
			continue
		}
		onlyFiles(t, dir, "mcp.json")
		expect(t, path, "foreign", 0o600)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "mcp.json")
	f := open(t, path)
	files.WriteMode(t, path, "foreign", 0o600)
	if err := configfile.Replace(f, []byte("second")); !errors.Is(err, configfile.ErrChanged) {
		t.Errorf("created in the meantime: %v, want ErrChanged", err)
	}
	onlyFiles(t, dir, "mcp.json")
	expect(t, path, "foreign", 0o600)
}

// Delete, too, returns an error if the file has changed.
func TestDeleteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mcp.json")
	files.WriteMode(t, path, "first", 0o600)
	f := open(t, path)
	files.WriteMode(t, path, "foreign", 0o600)
	if err := f.Delete(); !errors.Is(err, configfile.ErrChanged) {
		t.Errorf("Delete of a changed file: %v", err)
	}
	expect(t, path, "foreign", 0o600)
	if err := open(t, path).Delete(); err != nil {
		t.Error(err)
	}
	onlyFiles(t, dir)
}

// NaN and infinities are equal to themselves.
func TestOddNumbers(t *testing.T) {
	for format, text := range map[clientconfig.Format]string{
		clientconfig.YAML: "a: .nan\nb: [.inf, -.inf, {c: .NaN}]\n1: x\nm:\n  d: 1\n",
		clientconfig.TOML: "a = nan\nb = [inf, -inf, { c = nan }]\n[m.d]\nx = +nan\n",
	} {
		got, err := configfile.Set(format, []byte(text), path, entry)
		if err != nil || !strings.HasPrefix(string(got), text) {
			t.Errorf("%s: %q, %v", format, got, err)
		}
	}
}

// Other hard links are counted: they keep the old text.
func TestHardLinks(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "mcp.json")
	files.WriteMode(t, path, "first", 0o600)
	if err := os.Link(path, filepath.Join(dir, "other")); err != nil {
		t.Skip("no hard links here: ", err)
	}
	if f := open(t, path); f.Links != 2 {
		t.Errorf("%d links, want 2", f.Links)
	}
}
