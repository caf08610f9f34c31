package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/rogpeppe/go-internal/lockedfile"

	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/devserver/localbuild"
	"serverless-mcp/internal/test/files"
)

// Build builds the functions of a project and the container's program as they are deployed,
// but for this machine, and returns their directory (see [Binary]), which is in the user's
// cache under name. The programs are linked again only when their source has changed,
// because linking takes ten seconds of CPU time.
func Build(root, name string) (dir string, err error) {
	b, err := deployed(root)
	if err != nil {
		return "", err
	}
	return build(name, b)
}

// Compile compiles the packages of the programs that [Build] builds, for tests that build
// the programs themselves: concurrent builds would each compile the same packages.
func Compile(root string) error {
	b, err := deployed(root)
	if err != nil {
		return err
	}
	_, unlock, err := begin()
	if err != nil {
		return err
	}
	defer unlock()
	return b.Compile(context.Background())
}

// deployed returns the builder of what a project deploys.
func deployed(root string) (localbuild.Builder, error) {
	names, err := bundle.Functions(root)
	return localbuild.Builder{Root: root, Names: names, Programs: []string{"cmd/mcpd"}}, err
}

// begin makes the test's result depend on this project's source, and waits until no other
// test of this project builds programs with this package: two concurrent go commands would
// compile the same packages twice. It returns the project's folder.
func begin() (root string, unlock func(), err error) {
	if root, err = ModuleRoot(); err != nil {
		return "", nil, err
	}
	if err := files.DependOn(root); err != nil {
		return "", nil, err
	}
	file, err := cacheFile(fmt.Sprintf("programs-%s.lock", shortHash(root)))
	if err != nil {
		return "", nil, err
	}
	if unlock, err = lockedfile.MutexAt(file).Lock(); err != nil {
		return "", nil, fmt.Errorf("wait for another build: %w", err)
	}
	return root, unlock, nil
}

// Prebuild builds a project's programs like [Build] and puts hard links to them into the
// project's folder; see [Prelink].
func Prebuild(root, name string) error {
	dir, err := Build(root, name)
	if err != nil {
		return err
	}
	return Prelink(root, dir)
}

// Prelink puts hard links to the programs in a directory that [Build] returned into a
// project's folder, where mcpctl local finds them as if it had run there before. The project
// must have the same source.
func Prelink(root, dir string) error {
	to := filepath.Join(local.FolderIn(root).Path(local.BuildFolder), filepath.Base(dir))
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := link(filepath.Join(dir, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// link links a file, or copies it to another file system.
func link(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o755)
}

// BuildIn is like [Build], for the programs in another folder, relative to the project's root.
func BuildIn(root, folder, name string) (dir string, err error) {
	mains, err := filepath.Glob(filepath.Join(root, folder, "*", "main.go"))
	if err != nil || len(mains) == 0 {
		return "", fmt.Errorf("find programs in %s: %d, %w", folder, len(mains), err)
	}
	b := localbuild.Builder{Root: root, Folder: folder}
	for _, main := range mains {
		b.Names = append(b.Names, filepath.Base(filepath.Dir(main)))
	}
	return build(name, b)
}

// build runs a builder, one at a time.
func build(name string, b localbuild.Builder) (dir string, err error) {
	root, unlock, err := begin()
	if err != nil {
		return "", err
	}
	defer unlock()
	if b.Dir, err = cacheFile(fmt.Sprintf("programs-%s-%s", shortHash(root), name)); err != nil {
		return "", err
	}
	done, err := b.Build(context.Background())
	if err != nil {
		return "", err
	}
	return filepath.Join(b.Dir, done.ID), nil
}

// Binary returns the function for local.Options.Binary that finds programs in a directory
// that [Build] returned.
func Binary(dir string) func(program string) string {
	return func(program string) string {
		if runtime.GOOS == "windows" {
			program += ".exe"
		}
		return filepath.Join(dir, program)
	}
}

// Program builds a program that users run themselves, such as ./cmd/mcpctl, in the directory
// of a project, and returns its path in the user's cache. The go command links it again only
// when it has changed. The program has no debug information, which would take a quarter of
// the time for linking.
func Program(root, pkg string) (file string, err error) {
	return program(root, pkg, filepath.Base(filepath.Join(root, pkg)))
}

// Variant is like [Program], for a program in which some files are replaced or added. replaced
// has their contents by path, relative to the root. name is the variant's name in the cache.
func Variant(root, pkg, name string, replaced map[string][]byte) (file string, err error) {
	if root, err = filepath.Abs(root); err != nil {
		return "", err
	}
	dir, err := cacheFile(fmt.Sprintf("variant-%s-%s", shortHash(root), name))
	if err != nil {
		return "", err
	}
	unlock, err := lockedfile.MutexAt(dir + ".lock").Lock()
	if err != nil {
		return "", fmt.Errorf("wait for another build: %w", err)
	}
	defer unlock()
	overlay := map[string]string{}
	for path, text := range replaced {
		at := filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o700), os.WriteFile(at, text, 0o600)); err != nil {
			return "", err
		}
		overlay[filepath.Join(root, path)] = at
	}
	list := filepath.Join(dir, "overlay.json")
	if err := files.Overlay(list, overlay); err != nil {
		return "", err
	}
	return program(root, pkg, name, "-overlay="+list)
}

func program(root, pkg, name string, flags ...string) (file string, err error) {
	if root, err = filepath.Abs(root); err != nil {
		return "", err
	}
	if err := files.DependOn(Root); err != nil { // root may be a copy
		return "", err
	}
	if file, err = cacheFile(fmt.Sprintf("program-%s-%s.exe", shortHash(root), name)); err != nil {
		return "", err
	}
	unlock, err := lockedfile.MutexAt(file + ".lock").Lock()
	if err != nil {
		return "", fmt.Errorf("wait for another build: %w", err)
	}
	defer unlock()
	arguments := append(append([]string{"build", "-buildvcs=false", "-ldflags=-s -w"}, flags...), "-o", file, pkg)
	if out, err := Output(exec.Command("go", arguments...), root); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return file, nil
}
