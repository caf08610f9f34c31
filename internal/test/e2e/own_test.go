package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"serverless-mcp/internal/test/readme"
)

// TestMakeItYours deletes the samples, writes a tool and chooses settings, as a
// user does. Everything still builds, the tests of the machinery pass, and the
// stack is synthesized under the new names and serves the tool.
func TestMakeItYours(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("tests a second copy of the project")
	}
	clone := makeItYours(t)
	for _, arguments := range [][]string{
		{"vet", "./functions/...", "./tools/...", "./cmd/...", "./internal/..."},
		{"test", ".", "./functions/...", "./tools/...", "./internal/tool", "./internal/mcp/mcpserver", "./internal/mcp/mcphttp",
			"./internal/emulator/gateway", "./internal/emulator/lambdahost", "./internal/devserver/local"},
		{"test", "./cmd/mcpctl", "-run", "^TestScripts$/^(local|watch|shapes|build)$"}, // those that run the server
		{"test", "./internal/test/e2e", "-run", "^TestAuthentication$"},                // not all: that would include this test
	} {
		cmd := exec.Command("go", arguments...)
		cmd.Env = append(os.Environ(), "SHAPES=stream", "LOG_LEVEL=error") // as a developer's shell may have
		if out, err := output(cmd, clone); err != nil {
			t.Fatalf("go %v: %v\n%s", arguments, err, out)
		}
	}
	functions := filepath.Join(clone, "dist")
	if err := buildFor(clone, functions); err != nil {
		t.Fatal(err)
	}
	app, err := buildApp(clone, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	template, err := app.synthesize(clone)
	if err != nil {
		t.Fatal(err)
	}
	s := startTemplate(t, template, functions)
	check(t, s.rpc(t, deploymentKey, "initialize", initialize), http.StatusOK, `"name":"greeter"`)
	check(t, s.rpc(t, deploymentKey, "tools/call", `{"name":"greet","arguments":{"name":"Ada"}}`), http.StatusOK, "Hi, Ada")
}

// makeItYours follows "Make it yours" in README.md in a copy of the project. With
// its settings, a test that used them by accident would fail.
func makeItYours(t *testing.T) (clone string) {
	t.Helper()
	clone = copyOfProject(t, "mine")
	if err := replaceTools(clone, "testdata/own.go.txt"); err != nil {
		t.Fatal(err)
	}
	// The tool is the one in the README.
	for path, block := range map[string]string{"greet.go": "greet", "tools.go": "line"} {
		addFromReadme(t, filepath.Join(clone, "tools", path), block)
	}
	env := "SERVER_NAME=greeter\nSTACK_NAME=Greeter\nTOOL_GREETING=Hi\nAUTHORIZER_CACHE_SECONDS=0\nAPI_KEY=" + deploymentKey + "\n"
	if err := os.WriteFile(filepath.Join(clone, ".env"), []byte(env), 0o600); err != nil {
		t.Fatal(err)
	}
	return clone
}

// addFromReadme writes a block of the README to a new file, or into an existing one
// in place of the line "// here".
func addFromReadme(t *testing.T, path, block string) {
	t.Helper()
	page, err := readme.Read("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	files := page.All("file")
	i := slices.IndexFunc(files, func(b readme.Blocks) bool { return b.Name == block })
	if i < 0 {
		t.Fatalf("README.md has no file %q", block)
	}
	text := files[i].Texts[0]
	if existing, err := os.ReadFile(path); err == nil {
		text = strings.Replace(string(existing), "\t\t// here\n", text, 1)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
