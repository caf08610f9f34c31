package localbuild_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

func output(t *testing.T, b localbuild.Build) string {
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
	if !first.Fresh || output(t, first) != "one" {
		t.Fatalf("first build: %+v prints %q", first, output(t, first))
	}
	if again := build(t, b); again.Fresh || again.ID != first.ID {
		t.Errorf("an unchanged project was compiled again: %+v, %+v", first, again)
	}

	program(t, b.Root, `println("two")`)
	second := build(t, b)
	if !second.Fresh || output(t, second) != "two" {
		t.Errorf("after a change: %+v prints %q", second, output(t, second))
	}
	if output(t, first) != "one" {
		t.Error("the first build has changed")
	}

	for source, want := range map[string]string{
		"func main() { println(three) }":               "# example/functions/hello\nfunctions/hello/main.go:3:23: undefined: three",
		"func main() { println(":                       "# example/functions/hello\nfunctions/hello/main.go:4:1: syntax error: unexpected EOF",
		"import \"example/missing\"\n\nfunc main() {}": "functions/hello/main.go:3:8: package example/missing is not in std",
	} {
		files.Write(t, filepath.Join(b.Root, "functions/hello/main.go"), "package main\n\n"+source+"\n")
		_, err := b.Build(t.Context())
		if err == nil || !strings.HasPrefix(filepath.ToSlash(err.Error()), want) || strings.Count(err.Error(), "main.go") != 1 {
			t.Errorf("%s: error %q, want the compiler's output once: %q", source, err, want)
		}
	}

	program(t, b.Root, `println("one")`)
	if back := build(t, b); back.Fresh || output(t, back) != "one" {
		t.Errorf("back to the first: %+v prints %q", back, output(t, back))
	}
}

// TestUnchangedPrograms: a build reuses the programs that a change does not affect, and
// links the others. A dependency of a dependency affects a program too.
func TestUnchangedPrograms(t *testing.T) {
	b := project(t)
	b.Names, b.Programs = []string{"hello", "other"}, []string{"cmd/server"}
	files.Write(t, filepath.Join(b.Root, "functions/other/main.go"), "package main\n\nfunc main() {}\n")
	files.Write(t, filepath.Join(b.Root, "cmd/server/main.go"), "package main\n\nfunc main() {}\n")
	files.Write(t, filepath.Join(b.Root, "functions/hello/main.go"), "package main\n\nimport \"example/a\"\n\nfunc main() { a.Print() }\n")
	files.Write(t, filepath.Join(b.Root, "a/a.go"), "package a\n\nimport \"example/b\"\n\nfunc Print() { b.Print() }\n")
	text := func(s string) {
		files.Write(t, filepath.Join(b.Root, "b/b.go"), "package b\n\n//go:noinline\nfunc Print() { println("+strconv.Quote(s)+") }\n")
	}
	text("one")
	first := build(t, b)
	text("two")
	second := build(t, b)
	if output(t, first) != "one" || output(t, second) != "two" {
		t.Errorf("the builds print %q and %q, want one and two", output(t, first), output(t, second))
	}
	for name, same := range map[string]bool{"hello": false, "other": true, "server": true} {
		x, err := os.Stat(first.Binary(name))
		y, err2 := os.Stat(second.Binary(name))
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if os.SameFile(x, y) != same {
			t.Errorf("%s: the same file is %v, want %v", name, !same, same)
		}
	}
}

// TestInterruptedBuild: a process that is killed leaves a part of a program.
func TestInterruptedBuild(t *testing.T) {
	b := project(t)
	first := build(t, b)
	if err := errors.Join(os.Truncate(first.Binary("hello"), 10), os.Remove(filepath.Join(b.Dir, first.ID, "hashes.json"))); err != nil {
		t.Fatal(err)
	}
	if again := build(t, b); output(t, again) != "one" {
		t.Error("the program was not compiled again")
	}
	left, err := os.ReadDir(b.Dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v; want the build only", left, err)
	}
}

// TestBuildsInUseAreKept: another server of the project has built often since.
func TestBuildsInUseAreKept(t *testing.T) {
	b := project(t)
	first := build(t, b)
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(b.Dir, first.ID), old, old); err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	first.Use(ended) // marks it once
	for later, name := range strings.Fields("a b c d e") {
		newer := filepath.Join(b.Dir, name)
		at := time.Now().Add(time.Duration(later+1) * time.Second)
		if err := errors.Join(os.Mkdir(newer, 0o700), os.Chtimes(newer, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	program(t, b.Root, `println("last")`)
	build(t, b)
	if output(t, first) != "one" {
		t.Error("the build in use was removed")
	}
}

func TestOldBuildsAreRemoved(t *testing.T) {
	b := project(t)
	first := build(t, b)
	for age, name := range strings.Fields("a b c d e") { // builds of other branches
		earlier := filepath.Join(b.Dir, name)
		if err := os.CopyFS(earlier, os.DirFS(filepath.Join(b.Dir, first.ID))); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-time.Duration(age+1) * time.Minute)
		if err := os.Chtimes(earlier, at, at); err != nil {
			t.Fatal(err)
		}
	}
	program(t, b.Root, `println("last")`)
	last := build(t, b)
	kept, err := filepath.Glob(filepath.Join(b.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, dir := range kept {
		got = append(got, filepath.Base(dir))
	}
	want := []string{"a", "b", first.ID, last.ID}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kept builds (-want +got):\n%s", diff)
	}
	if again := build(t, b); again.Fresh {
		t.Error("the last build was removed")
	}
}
