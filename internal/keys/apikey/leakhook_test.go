package apikey

import (
	"crypto/rand"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"
)

// hooked is a repository with the hook of docs/leaks.md.
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

// stage stages a file of that name, whatever characters are in it.
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

// commits wants a commit to go through.
func (r *hooked) commits(what string) {
	r.Helper()
	if out, err := r.git("commit", "-q", "-m", "x"); err != nil {
		r.Errorf("%s is refused: %s", what, out)
	}
}

// refuses wants a commit to be refused, and that file alone to be named. Then it
// unstages it.
func (r *hooked) refuses(what, name string) {
	r.Helper()
	out, err := r.git("commit", "-q", "-m", "x")
	want := "refused: an API key is about to be committed\n" + name + ": an API key is about to be committed\n"
	if err == nil || out != want {
		r.Errorf("%s in %q: %v, the hook says %q, want %q", what, name, err, out, want)
	}
	r.must("--literal-pathspecs", "rm", "-q", "-f", "--cached", "--", name)
}

func TestLeakHook(t *testing.T) {
	r := newHooked(t)
	leaks, harmless := leakSamples(t)
	r.stage("config.txt", "nothing here\n"+strings.Join(harmless, "\n")+"\n")
	r.commits("a look-alike")
	for _, text := range leaks {
		r.stage("harmless.txt", strings.Join(harmless, "\n"))
		r.stage("new.txt", "one\n"+text+"\nthree\n")
		r.refuses(text, "new.txt")
	}
	r.commits("what is left")

	r.must("config", "core.hooksPath", os.DevNull)
	r.stage("config.txt", "one\n"+leaks[0]+"\n")
	r.must("commit", "-q", "-m", "x")
	r.must("config", "--unset", "core.hooksPath")
	r.stage("config.txt", "one\n"+leaks[0]+"\nmore\n")
	r.commits("a line beside a key that is there already")
	r.stage("config.txt", "one\n")
	r.commits("taking a key out")
}

func TestLeakHookKnowsEveryName(t *testing.T) {
	r := newHooked(t)
	r.stage("README", "x")
	r.commits("a first file")
	key, err := New("", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"my notes.txt", "clé.txt", "日本/a b.txt", "$HOME.txt", "-n", "a[1].txt", "it's.txt"}
	if runtime.GOOS != "windows" {
		r.stage("*", "x") // no pattern for the others
		names = append(names, "two\nlines.txt", "tab\t.txt", `back\slash`, "?", ":(exclude)x", `"quoted"`)
	}
	for _, name := range names {
		r.stage("other.txt", "x")
		r.stage(name, "API_KEY="+key+"\n")
		r.refuses("a key", name)
	}
}

// The kind of file and the settings of git do not hide a key.
func TestLeakHookSeesThroughEveryFile(t *testing.T) {
	r := newHooked(t)
	key, err := New("", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"binary.bin":  "\x00\x01\xff" + key + "\x00\xfe\n\x00",
		"strings.bin": "x\x00" + key + "\x00y",
		"utf16le.txt": utf16Text(key, binary.LittleEndian),
		"utf16be.txt": utf16Text(key, binary.BigEndian),
		"latin1.txt":  "cl\xe9 " + key + "\n",
		"windows.txt": "one\r\n" + key + "\r\n",
		"noend.txt":   key,
		"plus.txt":    "++ " + key + "\n",
	} {
		r.stage(name, content)
		r.refuses("a key", name)
	}
	r.stage(".gitattributes", "*.dat binary\n*.pdf diff=pdf\n")
	for _, args := range [][]string{
		{"color.ui", "always"}, {"color.diff", "always"}, {"diff.external", "true"}, {"diff.pdf.textconv", "true"},
		{"core.quotePath", "true"}, {"diff.noprefix", "true"},
	} {
		r.must("config", args[0], args[1])
	}
	for _, name := range []string{"a.txt", "a.dat", "a.pdf", "folder/b.txt"} {
		r.stage(name, key+"\n")
		r.refuses("a key", name)
	}
	r.stage("harmless.bin", "\x00\x01\xff"+key[:len(key)-1]+"\x00")
	r.commits("a binary file without a key")
}

// utf16Text is what PowerShell writes into files.
func utf16Text(text string, order binary.AppendByteOrder) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeffkey: " + text + "\r\n")) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}
