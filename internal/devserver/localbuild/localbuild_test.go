package localbuild_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"serverless-mcp/internal/devserver/localbuild"
	"serverless-mcp/internal/test/files"
)

// project is a module with one function that prints text.
func project(t *testing.T) localbuild.Builder {
	t.Helper()
	root := t.TempDir()
	files.Write(t, filepath.Join(root, "go.mod"), "module example\n\ngo 1.26\n")
	program(t, root, `println("one")`)
	return localbuild.Builder{Root: root, Dir: filepath.Join(root, "kept"), Names: []string{"hello"}}
}

func program(t *testing.T, root, statement string) {
	t.Helper()
	files.Write(t, filepath.Join(root, "functions/hello/main.go"), "package main\n\nfunc main() { "+statement+" }\n")
}

func says(t *testing.T, b localbuild.Build) string {
	t.Helper()
	out, err := exec.Command(b.Binary("hello")).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func build(t *testing.T, b localbuild.Builder) localbuild.Build {
	t.Helper()
	done, err := b.Build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestBuild(t *testing.T) {
	b := project(t)
	first := build(t, b)
	if !first.Fresh || says(t, first) != "one" {
		t.Fatalf("first build: %+v says %q", first, says(t, first))
	}
	if again := build(t, b); again.Fresh || again.ID != first.ID {
		t.Errorf("an unchanged project was compiled again: %+v, %+v", first, again)
	}

	program(t, b.Root, `println("two")`)
	second := build(t, b)
	if !second.Fresh || says(t, second) != "two" {
		t.Errorf("after a change: %+v says %q", second, says(t, second))
	}
	if says(t, first) != "one" {
		t.Error("the first build is not what it was")
	}

	program(t, b.Root, `println(three)`)
	if _, err := b.Build(t.Context()); err == nil || !strings.Contains(err.Error(), "undefined: three") {
		t.Errorf("a mistake came out as %v, want the compiler's words", err)
	}

	program(t, b.Root, `println("one")`)
	if back := build(t, b); back.Fresh || says(t, back) != "one" {
		t.Errorf("back to the first: %+v says %q", back, says(t, back))
	}
}

func TestOldBuildsGo(t *testing.T) {
	b := project(t)
	for _, text := range strings.Fields("a b c d e f") {
		program(t, b.Root, `println("`+text+`")`)
		build(t, b)
	}
	kept, err := os.ReadDir(b.Dir)
	if err != nil || len(kept) > 4 {
		t.Errorf("%d builds are kept (%v), want at most 4", len(kept), err)
	}
	if last := build(t, b); last.Fresh {
		t.Error("the last build is gone")
	}
}
