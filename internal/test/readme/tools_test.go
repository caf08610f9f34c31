package readme

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"serverless-mcp/internal/test/files"
)

// TestToolsPage compiles every snippet of docs/tools.md as part of package tools, and runs
// its tests. The snippets are an overlay, so the source stays unchanged.
func TestToolsPage(t *testing.T) {
	page, err := Read("../../../docs/tools.md")
	if err != nil {
		t.Fatal(err)
	}
	var tests []string
	snippets := map[string]string{}
	for _, b := range page.All("tool") {
		snippets["tools/page_"+strings.ReplaceAll(b.Name, "-", "_")+".go"] = b.Texts[0]
		for line := range strings.Lines(b.Texts[0]) {
			if name, ok := strings.CutPrefix(line, "func Test"); ok {
				name, _, _ = strings.Cut(name, "(")
				tests = append(tests, "Test"+name)
			}
		}
	}
	if n := strings.Count(page.text, "```go\n") - len(page.All("stack")); len(snippets) != n || len(tests) < 5 {
		t.Fatalf("%d marked snippets with %d tests, want all %d and at least 5 tests", len(snippets), len(tests), n)
	}
	out := overlaid(t, snippets, "test", "-count=1", "-v", "-run", "^("+strings.Join(tests, "|")+")$", "./tools")
	for _, name := range tests {
		if !strings.Contains(out, "--- PASS: "+name+" ") {
			t.Errorf("%s did not pass:\n%s", name, out)
		}
	}
}

// TestToolsPageStack compiles the snippet for stacks/custom.go.
func TestToolsPageStack(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the CDK")
	}
	page, err := Read("../../../docs/tools.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := page.All("stack")
	if len(blocks) != 1 {
		t.Fatalf("%d snippets for the stack, want 1", len(blocks))
	}
	overlaid(t, map[string]string{"stacks/custom.go": blocks[0].Texts[0]}, "build", "./stacks")
}

// overlaid runs the go command in the module with an overlay of source files, and returns its
// output.
func overlaid(t *testing.T, sources map[string]string, command string, args ...string) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := files.DependOn(root); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	for name, text := range sources {
		path := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(root, filepath.FromSlash(name))] = path
	}
	path := filepath.Join(dir, "overlay.json")
	if err := files.Overlay(path, replace); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", append([]string{command, "-overlay", path}, args...)...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", command, err, out)
	}
	return string(out)
}
