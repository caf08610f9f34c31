// Package localbuild compiles the functions for this machine and caches the builds
// by a hash of their inputs, so that a start without a change does not even link.
package localbuild

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"serverless-mcp/internal/deploy/bundle"
)

// keep is the number of cached builds: the running one, the one that it replaced,
// which may still have requests, and those of one or two other branches.
const keep = 4

// Builder builds the functions of one project.
type Builder struct {
	Root   string   // the project's folder
	Dir    string   // folder of the builds
	Folder string   // folder of the functions, relative to Root; empty means "functions"
	Names  []string // folders below Folder
	// Programs are folders of other programs, such as cmd/mcpd; a program's name is the
	// last part of its path.
	Programs []string
}

// Build is one compiled state of the functions.
type Build struct {
	ID     string        // hash of the inputs
	Fresh  bool          // it was compiled now and not found in the cache
	Took   time.Duration // duration of compiling or finding it
	binary func(string) string
}

// Binary returns the path of a function's program.
func (b Build) Binary(name string) string { return b.binary(name) }

// Build compiles the functions, or finds them in the cache. If one does not compile,
// the error's text is the compiler's output.
func (b Builder) Build(ctx context.Context) (Build, error) {
	start := time.Now()
	// If go list fails, the build fails too, with a better error.
	id, err := b.id(ctx)
	if err != nil {
		id = "broken"
	}
	o := bundle.Options{Root: b.Root, Out: filepath.Join(b.Dir, id), Folder: b.Folder, Names: b.Names, GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}
	done := Build{ID: id, binary: o.Path}
	if b.complete(o) && id != "broken" {
		now := time.Now()
		os.Chtimes(o.Out, now, now) // for prune, which also works without
		done.Took = time.Since(start)
		return done, nil
	}
	if err := b.make(ctx, o); err != nil {
		os.RemoveAll(o.Out)
		return Build{}, err
	}
	b.prune()
	done.Fresh, done.Took = true, time.Since(start)
	return done, nil
}

// make compiles everything into the build's folder.
func (b Builder) make(ctx context.Context, o bundle.Options) error {
	if len(b.Names) > 0 { // no names would mean all functions
		if err := bundle.Run(ctx, o); err != nil {
			return err
		}
	}
	for _, folder := range b.Programs {
		program, err := bundle.Program(ctx, o, folder)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(o.Out, 0o755); err != nil {
			return fmt.Errorf("create the build folder: %w", err)
		}
		if err := os.WriteFile(o.Path(path.Base(folder)), program, 0o755); err != nil {
			return fmt.Errorf("write program %s: %w", folder, err)
		}
	}
	return nil
}

// id returns a hash of the build ids of all packages in the functions. To know them,
// the go command compiles the changed packages, as the build would, but does not
// link, which takes most of the time.
func (b Builder) id(ctx context.Context) (string, error) {
	args := []string{"list", "-export", "-deps", "-trimpath", "-buildvcs=false", "-tags", bundle.Tags, "-f", "{{.ImportPath}} {{.BuildID}}"}
	for _, name := range b.Names {
		args = append(args, "./"+path.Join(cmp.Or(b.Folder, "functions"), name))
	}
	for _, folder := range b.Programs {
		args = append(args, "./"+folder)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = b.Root
	// The same settings as the build's; others would compile everything again.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath", "GOARM64=v8.0", "GOAMD64=v1")
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("run the go command: %w", err)
	}
	fmt.Fprintln(&out, runtime.Version(), b.Folder, b.Names, b.Programs)
	sum := sha256.Sum256(out.Bytes())
	return hex.EncodeToString(sum[:8]), nil
}

func (b Builder) complete(o bundle.Options) bool {
	for _, name := range b.Names {
		if _, err := os.Stat(o.Path(name)); err != nil {
			return false
		}
	}
	for _, folder := range b.Programs {
		if _, err := os.Stat(o.Path(path.Base(folder))); err != nil {
			return false
		}
	}
	return true
}

// prune removes all but the latest builds. A build that cannot be removed because it
// is running is removed by a later prune.
func (b Builder) prune() {
	entries, err := os.ReadDir(b.Dir)
	if err != nil {
		return
	}
	age := func(e fs.DirEntry) time.Time {
		info, err := e.Info()
		if err != nil {
			return time.Time{}
		}
		return info.ModTime()
	}
	slices.SortFunc(entries, func(x, y fs.DirEntry) int { return age(y).Compare(age(x)) })
	for _, e := range entries[min(keep, len(entries)):] {
		os.RemoveAll(filepath.Join(b.Dir, e.Name()))
	}
}
