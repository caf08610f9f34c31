package clone

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/test/project"
	"serverless-mcp/internal/test/readme"
	"serverless-mcp/internal/test/rpc"
)

const module = "serverless-mcp"

// key is the deployment key of the clone.
const key = "own-0123456789-abcdefghijklmnopqrstuvwxyz"

func TestMain(m *testing.M) {
	project.ForgetSettings()
	os.Exit(m.Run())
}

// TestMakeItYours deletes the samples, writes a tool and chooses settings, as a user does.
// Everything still builds, the machinery's tests pass, and the stack is synthesized with
// the new names and serves the tool.
func TestMakeItYours(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("tests a second copy of the project")
	}
	clone := makeItYours(t)
	c := newCompiler(t, clone)
	packages, tests := c.importers(t)
	// "list" compiles packages and tests without linking or running them.
	c.run(t, "list", slices.Concat([]string{"-export", "-test", "-f", "", module + "/tools"}, packages, tests)...)
	c.run(t, "vet", module+"/tools") // "test" vets less
	inFull := slices.DeleteFunc(slices.Clone(tests), func(name string) bool {
		return name == module+"/cmd/mcpctl" || strings.HasPrefix(name, module+"/internal/test/") // these test the whole project
	})
	c.test(t, append(inFull, "./internal/devserver/local")...)
	c.test(t, "./cmd/mcpctl", "-run", "^TestScripts$/^local$") // other scripts start the server in the same way
	functions, err := project.Build(clone, "mine")
	if err != nil {
		t.Fatal(err)
	}
	appRoot := project.Root // in the clone the same app would be linked again
	if slices.Contains(packages, module) {
		appRoot = clone
	}
	app, err := project.BuildApp(appRoot, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	template, err := app.Synthesize(clone)
	if err != nil {
		t.Fatal(err)
	}
	checkServes(t, template, functions)
}

// checkServes starts the functions that the template declares and calls the new tool: with the
// key, without a key and with a wrong key.
func checkServes(t *testing.T, template []byte, functions string) {
	t.Helper()
	topology, err := local.FromTemplate(template)
	if err != nil {
		t.Fatal(err)
	}
	system, err := local.Start(topology, local.Options{Binary: project.Binary(functions)})
	if err != nil {
		t.Fatal(err)
	}
	defer system.Close()
	greet := rpc.Call("1", "greet", `{"name":"Ada"}`)
	for _, c := range []struct {
		message, key string
		status       int
		want         string
	}{
		{rpc.Initialize, key, http.StatusOK, `"name":"greeter"`},
		{greet, key, http.StatusOK, "Hi, Ada"},
		{greet, "", http.StatusForbidden, "Forbidden"}, // without a cache the gateway calls the authorizer even without a key
		{greet, key + "x", http.StatusForbidden, "Forbidden"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, system.URL+"/mcp", strings.NewReader(c.message))
		if err != nil {
			t.Fatal(err)
		}
		rpc.SetHeaders(r.Header)
		if c.key != "" {
			r.Header.Set("X-Api-Key", c.key)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != c.status || !strings.Contains(string(body), c.want) {
			t.Errorf("%s with the key %q: %d %s, %v, want %d with %s", c.message, c.key, response.StatusCode, body, err, c.status, c.want)
		}
	}
}

// makeItYours follows "Make it yours" in README.md in a copy of the project. Any test that
// used the copy's settings by accident would fail.
func makeItYours(t *testing.T) (clone string) {
	t.Helper()
	clone = project.Copy(t, "mine")
	if err := project.ReplaceTools(clone, "testdata/own.go.txt"); err != nil {
		t.Fatal(err)
	}
	// The tool is the one in the README.
	for path, block := range map[string]string{"greet.go": "greet", "tools.go": "line"} {
		addFromReadme(t, filepath.Join(clone, "tools", path), block)
	}
	env := "SERVER_NAME=greeter\nSTACK_NAME=Greeter\nTOOL_GREETING=Hi\nAUTHORIZER_CACHE_SECONDS=0\nAPI_KEY=" + key + "\n"
	if err := os.WriteFile(filepath.Join(clone, ".env"), []byte(env), 0o600); err != nil {
		t.Fatal(err)
	}
	return clone
}

// addFromReadme writes a block of the README to a new file, or inserts it into an existing
// file in place of the line "// here".
func addFromReadme(t *testing.T, path, block string) {
	t.Helper()
	page, err := readme.Read(filepath.Join(project.Root, "README.md"))
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
