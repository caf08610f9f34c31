package readme

import (
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
)

// hooked is a git repository with the pre-commit hook of docs/leaks.md.
type hooked struct {
	*testing.T
	dir string
}

func newHooked(t *testing.T) *hooked {
	t.Helper()
	for _, program := range []string{"git", "sh", "grep", "cut", "tr", "xargs"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	r := &hooked{t, t.TempDir()}
	r.must("init", "-q")
	r.must("config", "core.autocrlf", "false")
	hook := filepath.Join(r.dir, ".git", "hooks", "pre-commit")
	if err := os.MkdirAll(filepath.Dir(hook), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte(codeBlock(t, "sh")), 0o700); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *hooked) git(args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (r *hooked) must(args ...string) {
	r.Helper()
	if out, err := r.git(args...); err != nil {
		r.Fatalf("git %q: %v: %s", args, err, out)
	}
}

// stage stages a file; its name may have any character.
func (r *hooked) stage(name, content string) {
	r.Helper()
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		r.Fatal(err)
	}
	r.must("--literal-pathspecs", "add", "-f", "--", name)
}

// accepts expects a commit to succeed.
func (r *hooked) accepts(what string) {
	r.Helper()
	if out, err := r.git("commit", "-q", "-m", "x"); err != nil {
		r.Errorf("%s is rejected: %s", what, out)
	}
}

// rejects stages the files, by name, and expects the commit to be rejected with
// exactly these names. Then it unstages them.
func (r *hooked) rejects(files map[string]string) {
	r.Helper()
	want := "refused: an API key is about to be committed\n"
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		r.stage(name, files[name])
		want += name + ": an API key is about to be committed\n"
	}
	out, err := r.git("commit", "-q", "-m", "x")
	if diff := cmp.Diff(want, out); err == nil || diff != "" {
		r.Errorf("commit: %v, output (-want +got):\n%s", err, diff)
	}
	r.must(append([]string{"--literal-pathspecs", "rm", "-q", "-f", "--cached", "--"}, names...)...)
}

func TestLeakHook(t *testing.T) {
	r := newHooked(t)
	leaks, harmless := leakSamples(t)
	r.stage("config.txt", "nothing here\n"+strings.Join(harmless, "\n")+"\n")
	r.accepts("a look-alike")
	files := map[string]string{}
	for i, text := range leaks {
		files[fmt.Sprint("new", i, ".txt")] = "one\n" + text + "\nthree\n"
	}
	r.stage("harmless.txt", strings.Join(harmless, "\n"))
	r.rejects(files)
	r.accepts("the harmless file")

	r.must("config", "core.hooksPath", os.DevNull)
	r.stage("config.txt", "one\n"+leaks[0]+"\n")
	r.must("commit", "-q", "-m", "x")
	r.must("config", "--unset", "core.hooksPath")
	r.stage("config.txt", "one\n"+leaks[0]+"\nmore\n")
	r.accepts("a line next to a committed key")
	r.stage("config.txt", "one\n")
	r.accepts("the removal of a key")
}

func TestLeakHookFindsKeysUnderAnyName(t *testing.T) {
	r := newHooked(t)
	r.stage("README", "x")
	r.accepts("a first file")
	names := []string{"my notes.txt", "clé.txt", "日本/a b.txt", "$HOME.txt", "-n", "a[1].txt", "it's.txt"}
	if runtime.GOOS != "windows" {
		r.stage("*", "x") // must not be treated as a pattern that matches the other files
		names = append(names, "two\nlines.txt", "tab\t.txt", `back\slash`, "?", ":(exclude)x", `"quoted"`)
	}
	r.stage("other.txt", "x")
	files := map[string]string{}
	for _, name := range names {
		files[name] = "API_KEY=" + newKey(t, "") + "\n"
	}
	r.rejects(files)
}

// TestLeakHookFindsKeysInAnyFile: the hook finds a key whatever the type of the file and
// git's configuration are.
func TestLeakHookFindsKeysInAnyFile(t *testing.T) {
	r := newHooked(t)
	key := newKey(t, "")
	r.rejects(map[string]string{
		"binary.bin":  "\x00\x01\xff" + key + "\x00\xfe\n\x00",
		"strings.bin": "x\x00" + key + "\x00y",
		"utf16le.txt": utf16Text(key, binary.LittleEndian),
		"utf16be.txt": utf16Text(key, binary.BigEndian),
		"latin1.txt":  "cl\xe9 " + key + "\n",
		"windows.txt": "one\r\n" + key + "\r\n",
		"noend.txt":   key,
		"plus.txt":    "++ " + key + "\n",
	})
	r.stage(".gitattributes", "*.dat binary\n*.pdf diff=pdf\n")
	for _, args := range [][]string{
		{"color.ui", "always"}, {"color.diff", "always"}, {"diff.external", "true"}, {"diff.pdf.textconv", "true"},
		{"core.quotePath", "true"}, {"diff.noprefix", "true"},
	} {
		r.must("config", args[0], args[1])
	}
	files := map[string]string{}
	for _, name := range []string{"a.txt", "a.dat", "a.pdf", "folder/b.txt"} {
		files[name] = key + "\n"
	}
	r.rejects(files)
	r.stage("harmless.bin", "\x00\x01\xff"+key[:len(key)-1]+"\x00")
	r.accepts("a binary file without a key")
}

// utf16Text encodes a text as PowerShell writes it to a file.
func utf16Text(text string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeffkey: " + text + "\r\n")) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}
