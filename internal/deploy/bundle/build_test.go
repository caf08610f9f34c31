package bundle

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/test/files"
)

// fixture writes a module with the given functions into a new folder.
func fixture(t *testing.T, functions map[string]string) (root string) {
	t.Helper()
	root = t.TempDir()
	files.Write(t, filepath.Join(root, "go.mod"), "module fixture\n\ngo 1.26\n")
	for name, body := range functions {
		files.Write(t, filepath.Join(root, "functions", name, "main.go"), "package main\n\nfunc main() { "+body+" }\n")
	}
	return root
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestSameBytesInAnyFolder(t *testing.T) {
	functions := map[string]string{"one": `println("1")`, "two": `println("2")`}
	a, b := fixture(t, functions), fixture(t, functions)
	t.Setenv("GOFLAGS", "") // a plain environment for the first build, an unusual one for the second
	if err := Run(t.Context(), Options{Root: a, GOARCH: runtime.GOARCH, Zip: true}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", "-gcflags=-N")
	t.Setenv("CGO_ENABLED", "1")
	t.Setenv("GOARM64", "v9.0")
	t.Setenv("GOAMD64", "v3")
	out := t.TempDir()
	if err := Run(t.Context(), Options{Root: b, Out: out, GOARCH: runtime.GOARCH, Zip: true}); err != nil {
		t.Fatal(err)
	}
	want := []string{"one.zip", "two.zip"}
	if diff := cmp.Diff(want, list(t, out)); diff != "" {
		t.Fatalf("build folder (-want +got):\n%s", diff)
	}
	for _, name := range want {
		if !bytes.Equal(read(t, filepath.Join(a, "dist", name)), read(t, filepath.Join(out, name))) {
			t.Errorf("%s: the same source gave different bytes in another folder", name)
		}
	}
}

func TestZipIsExecutable(t *testing.T) {
	dir := t.TempDir()
	binary, path := filepath.Join(dir, "program"), filepath.Join(dir, "program.zip")
	files.Write(t, binary, "a program") // mode 0644, as on Windows
	if err := writeZip(path, binary); err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if len(z.File) != 1 {
		t.Fatalf("%d entries, want 1", len(z.File))
	}
	type entry struct {
		Name, Mode string
		Unix       bool
		Year       int
	}
	e := z.File[0]
	got := entry{e.Name, e.Mode().String(), e.CreatorVersion>>8 == 3, e.Modified.UTC().Year()}
	if diff := cmp.Diff(entry{"bootstrap", "-rwxr-xr-x", true, 1980}, got); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}

func TestPlainBinariesForThisMachine(t *testing.T) {
	o := Options{
		Root: fixture(t, map[string]string{"hello": `println("hello")`, "unused": ``}),
		GOOS: runtime.GOOS, GOARCH: runtime.GOARCH, Names: []string{"hello"},
	}
	if err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Base(o.Path("hello"))}
	if diff := cmp.Diff(want, list(t, filepath.Join(o.Root, "dist"))); diff != "" {
		t.Errorf("build folder (-want +got):\n%s", diff)
	}
	if runtime.GOOS != "windows" && want[0] != "hello" {
		t.Errorf("the binary's name is %q, want hello", want[0])
	}
}

func TestCompileErrorKeepsTheEarlierBuild(t *testing.T) {
	root := fixture(t, map[string]string{"good": ``, "turned": ``})
	if err := Run(t.Context(), Options{Root: root, GOARCH: runtime.GOARCH, Zip: true}); err != nil {
		t.Fatal(err)
	}
	dist := filepath.Join(root, "dist")
	before := read(t, filepath.Join(dist, "good.zip"))

	files.Write(t, filepath.Join(root, "functions", "good", "main.go"), "package main\n\nfunc main() { println(1) }\n")
	files.Write(t, filepath.Join(root, "functions", "turned", "main.go"), "package main\n\nfunc main() { undefinedName() }\n")
	err := Run(t.Context(), Options{Root: root, GOARCH: runtime.GOARCH, Zip: true})
	want := "# fixture/functions/turned\nfunctions/turned/main.go:3:15: undefined: undefinedName"
	if err == nil || filepath.ToSlash(err.Error()) != want {
		t.Errorf("error = %q, want %q", err, want)
	}
	if !bytes.Equal(before, read(t, filepath.Join(dist, "good.zip"))) {
		t.Error("good.zip was replaced although turned does not compile")
	}
	if diff := cmp.Diff([]string{"good.zip", "turned.zip"}, list(t, dist)); diff != "" {
		t.Errorf("build folder (-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	if err := Run(t.Context(), Options{Root: t.TempDir()}); err == nil || !strings.Contains(err.Error(), "no functions/*/main.go") {
		t.Errorf("without functions: error = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := Run(ctx, Options{Root: fixture(t, map[string]string{"one": ``})})
	if err != context.Canceled { // not the error of the killed compiler
		t.Errorf("cancelled: error = %v", err)
	}
}
