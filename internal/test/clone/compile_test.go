package clone

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"serverless-mcp/internal/test/files"
	"serverless-mcp/internal/test/project"
)

// compiler compiles a clone with the go command, and runs its tests. To share compiled
// packages with the tests of this project, it compiles this project with the clone's tools/
// as an overlay: in another folder everything would be compiled again.
type compiler struct {
	root, clone string // folders of this project and of the clone
	overlay     string // file for -overlay
	exec        string // option that runs a test program in the clone
}

// newCompiler returns the compiler of a clone that differs from this project in tools/ and .env.
func newCompiler(t *testing.T, clone string) compiler {
	t.Helper()
	root, err := project.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	c := compiler{root: root, clone: clone, overlay: filepath.Join(t.TempDir(), "overlay.json")}
	replace := map[string]string{}
	for _, of := range []string{root, clone} {
		sources, err := filepath.Glob(filepath.Join(of, "tools", "*.go"))
		if err != nil || len(sources) == 0 {
			t.Fatalf("%d sources in tools/ of %s, %v", len(sources), of, err)
		}
		for _, source := range sources {
			inClone := ""
			if of == clone {
				inClone = source
			}
			replace[filepath.Join(root, "tools", filepath.Base(source))] = inClone // "" deletes it
		}
	}
	if err := files.Overlay(c.overlay, replace); err != nil {
		t.Fatal(err)
	}
	program, err := project.Program(root, "./internal/test/clone/testdata/inclone")
	if err != nil {
		t.Fatal(err)
	}
	c.exec = fmt.Sprintf(`-exec="%s" "%s" "%s" %s`, program, root, clone, difference(t, clone))
	return c
}

// difference returns a hash of the files in which the clone differs. The go command does
// not notice that a test reads these files, because they are outside this project.
func difference(t *testing.T, clone string) string {
	t.Helper()
	sources, err := filepath.Glob(filepath.Join(clone, "tools", "*"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	for _, file := range append(sources, filepath.Join(clone, ".env")) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(sum, "%q %q\n", filepath.Base(file), data)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8])
}

// run runs a subcommand of the go command.
func (c compiler) run(t *testing.T, subcommand string, arguments ...string) (out string) {
	t.Helper()
	cmd := exec.Command("go", append([]string{subcommand, "-overlay", c.overlay}, arguments...)...)
	cmd.Env = append(os.Environ(), "SHAPES=stream", "LOG_LEVEL=error") // a developer's shell may have such variables
	out, err := project.Output(cmd, c.root)
	if err != nil {
		t.Fatalf("go %s %v: %v\n%s", subcommand, arguments, err, out)
	}
	return out
}

// test runs tests in the clone.
func (c compiler) test(t *testing.T, arguments ...string) {
	t.Helper()
	c.run(t, "test", append([]string{c.exec}, arguments...)...)
}

// importers returns the packages that import tools/, and the packages whose tests do. Other
// packages do not depend on tools/; internal/test/imports tests that.
func (c compiler) importers(t *testing.T) (packages, tests []string) {
	t.Helper()
	for line := range strings.Lines(c.run(t, "list", "-test", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "./...")) {
		words := strings.Fields(line)
		if !slices.Contains(words, module+"/tools") || strings.HasPrefix(words[1], "[") { // a package recompiled for a test
			continue
		}
		if name, isTest := strings.CutSuffix(words[0], ".test"); isTest {
			tests = append(tests, name)
		} else {
			packages = append(packages, name)
		}
	}
	if len(packages) < 5 || len(tests) < 5 {
		t.Fatalf("packages that import tools/: %q, those whose tests do: %q; want at least 5", packages, tests)
	}
	return packages, tests
}
