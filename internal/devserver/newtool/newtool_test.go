package newtool

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const list = `package tools

import "example.com/mine/internal/tool"

// All is everything.
func All(cfg Config) tool.Set {
	return tool.Set{
		Tools: []tool.Tool{
			first(), // stays
		},
	}
}
`

// project creates a project with one tool, in folder tools.
func project(t *testing.T, list string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/mine // ours\n\ngo 1.26\n", "tools/tools.go": list,
		"tools/first.go": "package tools\n\nimport (\n\t\"encoding/json\"\n\t\"math/rand/v2\"\n\tyaml \"example.com/other\"\n)\n\n" +
			"func first() int { return 0 }\n\ntype oddInput struct{}\n\nvar taken, other = 1, 2\n\nvar info = tool.Info{Name: \"counted\"}\n\nvar page = tool.ResourceInfo{Name: \"count_words\"}\n",
		"tools/first_test.go": "package tools\n\nfunc TestProof() {}\n\nvar fixture = tool.Info{Name: \"count\"}\n",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestWrite(t *testing.T) {
	root := project(t, list)
	w, err := Write(root, "count_words")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(w.List)
	want := strings.Replace(list, "first(), // stays\n", "first(), // stays\n\t\t\tcountWords(),\n", 1)
	if err != nil || string(got) != want {
		t.Errorf("list %v\n%s, want\n%s", err, got, want)
	}
	for _, path := range []string{w.Tool, w.Test} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, leftover := range []string{"MODULE", "IDENTIFIER", "EXPORTED", "TITLE", "NAME"} {
			if strings.Contains(string(text), leftover) {
				t.Errorf("%s has %s in it", path, leftover)
			}
		}
		if !strings.Contains(string(text), `"example.com/mine/internal/tool`) {
			t.Errorf("%s does not import from the project's module", path)
		}
		if out, err := exec.Command("gofmt", "-l", path).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("gofmt: %v, %s", err, out)
		}
	}
}

// The list may be formatted in other ways.
func TestListOnOneLine(t *testing.T) {
	for before, after := range map[string]string{
		"Tools: []tool.Tool{first(), second(cfg)}}": "Tools: []tool.Tool{first(), second(cfg), count()}}",
		"Tools: []tool.Tool{}}":                     "Tools: []tool.Tool{count()}}",
		"Tools: []tool.Tool{\n\t},\n\t}":            "Tools: []tool.Tool{\n\t\tcount(),\n\t},\n\t}",
	} {
		root := project(t, "package tools\n\nfunc All() tool.Set {\n\treturn tool.Set{"+before+"\n}\n")
		w, err := Write(root, "count")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(w.List); err != nil || !strings.Contains(strings.ReplaceAll(string(got), "\t", ""), strings.ReplaceAll(after, "\t", "")) {
			t.Errorf("%s became\n%s, %v, want\n%s", before, got, err, after)
		}
	}
}

func TestWriteRejects(t *testing.T) {
	tests := []struct{ name, list, want string }{
		{"", list, "is not allowed"}, {"CountWords", list, "is not allowed"}, {"count-words", list, "is not allowed"}, {"../x", list, "is not allowed"},
		{"1st", list, "is not allowed"}, {"count__words", list, "is not allowed"}, {"x_test", list, "is not allowed"}, {"x_linux", list, "is not allowed"},
		{"func", list, "is not allowed"}, {"tools", list, "is not allowed"}, {strings.Repeat("x", 65), list, "is not allowed"},
		{"first", list, "first.go exists already"}, {"taken", list, "first.go declares taken already"}, {"other", list, "declares other already"}, {"odd", list, "declares oddInput already"},
		{"x_riscv64", list, "is not allowed"}, {"x_dragonfly", list, "is not allowed"}, {"x_wasip1", list, "is not allowed"},
		{"t", list, "has a variable t"}, {"tt", list, "has a variable tt"}, {"tests", list, "has a variable tests"},
		{"string", list, "is not allowed"}, {"len", list, "is not allowed"}, {"error", list, "is not allowed"}, {"any", list, "is not allowed"}, {"nil", list, "is not allowed"}, {"job", list, "is not allowed"},
		{"größe", list, "is not allowed"}, {"count_wörter", list, "is not allowed"}, {"count words", list, "is not allowed"}, {"count.words", list, "is not allowed"}, {"_x", list, "is not allowed"}, {"x_", list, "is not allowed"},
		{"context", list, "the new tool imports context"}, {"strings", list, "the new tool imports strings"}, {"tooltest", list, "the new tool imports tooltest"}, {"tool", list, "the new tool imports tool"},
		{"json", list, "first.go uses json for something else"}, {"rand", list, "first.go uses rand for something else"}, {"yaml", list, "first.go uses yaml for something else"},
		{"cfg", list, "tools.go uses cfg for something else"}, {"proof", list, "first_test.go declares TestProof already"}, {"counted", list, "first.go has a tool named counted already"},
		{"count", "package tools\n", "has no list Tools: []tool.Tool{…} to add the tool to; add count() by hand"},
		{"count", "package", "read the tools"},
	}
	for _, tt := range tests {
		root := project(t, tt.list)
		before := snapshot(t, root)
		if _, err := Write(root, tt.name); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error %v, want one with %q", tt.name, err, tt.want)
		}
		if after := snapshot(t, root); after != before {
			t.Errorf("%q: the project changed:\n%s, before\n%s", tt.name, after, before)
		}
	}
}

// snapshot returns the project's files with their contents.
func snapshot(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.WriteString(path + "\n" + string(text) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
