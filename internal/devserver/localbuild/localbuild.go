// Package localbuild compiles the functions for this machine and caches the builds
// by a hash of their inputs, so that an unchanged start does not even link.
package localbuild

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"serverless-mcp/internal/deploy/bundle"
)

// keep is the number of cached builds: the running one, its predecessor, which may still
// serve requests, and those of one or two other branches.
const keep = 4

// useInterval is how often a build in use is marked. One that was marked within the last
// two intervals is not removed.
const useInterval = time.Minute

// Builder builds the functions of one project.
type Builder struct {
	Root   string   // the project's folder
	Dir    string   // folder of the builds
	Folder string   // folder of the functions, relative to Root; empty means "functions"
	Names  []string // folders below Folder
	// Programs are folders of other programs, such as cmd/mcpd; the last element of the
	// path is the program's name.
	Programs []string
}

// Build is one compiled state of the functions.
type Build struct {
	ID     string        // hash of the inputs
	Fresh  bool          // it was compiled, not found in the cache
	Took   time.Duration // duration of compiling or finding it
	dir    string
	binary func(string) string
}

// Binary returns the path of a function's program.
func (b Build) Binary(name string) string { return b.binary(name) }

// Use keeps the build until the context ends: otherwise, a second server of the project
// would remove it after a few changes, and the first could not start another process.
func (b Build) Use(ctx context.Context) {
	for {
		now := time.Now()
		os.Chtimes(b.dir, now, now) // errors do not matter
		select {
		case <-ctx.Done():
			return
		case <-time.After(useInterval):
		}
	}
}

// Compile compiles the packages of the programs and does not link them. A later [Builder.Build]
// finds them in the go command's cache.
func (b Builder) Compile(ctx context.Context) error {
	_, err := b.hashes(ctx)
	return err
}

// Build compiles the functions, or finds them in the cache. Programs that a change does
// not affect are taken from an earlier build. If one does not compile, the error's text
// is the compiler's output.
func (b Builder) Build(ctx context.Context) (Build, error) {
	start := time.Now()
	hashes, err := b.hashes(ctx)
	if _, ok := errors.AsType[compileError](err); ok {
		return Build{}, err
	}
	id := "broken" // the build then fails before it links, with a better error than go list's
	if err == nil {
		id = b.id(hashes)
	}
	o := bundle.Options{Root: b.Root, Out: filepath.Join(b.Dir, id), Folder: b.Folder, Names: b.Names, GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}
	done := Build{ID: id, dir: o.Out, binary: o.Path}
	if b.isComplete(o) {
		now := time.Now()
		os.Chtimes(o.Out, now, now) // for prune; errors do not matter
		done.Took = time.Since(start)
		return done, nil
	}
	if err := b.makeAside(ctx, o, hashes); err != nil {
		return Build{}, err
	}
	b.prune()
	done.Fresh, done.Took = true, time.Since(start)
	return done, nil
}

// isComplete reports whether the build is in the cache.
func (b Builder) isComplete(o bundle.Options) bool {
	_, err := os.Stat(filepath.Join(o.Out, hashesFile)) // which is written last
	return err == nil && len(b.missing(o)) == 0
}

// makeAside makes the build in another folder, which then becomes the build's: a build that
// is interrupted leaves no part of a program there, and two servers of the project may make
// the same one.
func (b Builder) makeAside(ctx context.Context, o bundle.Options, hashes map[string]string) error {
	if err := os.MkdirAll(b.Dir, 0o755); err != nil {
		return fmt.Errorf("create the build folder: %w", err)
	}
	aside, err := os.MkdirTemp(b.Dir, "making-*")
	if err != nil {
		return fmt.Errorf("create the build folder: %w", err)
	}
	defer os.RemoveAll(aside)
	there := o.Out
	o.Out = aside
	if err := b.make(ctx, o, hashes); err != nil {
		return err
	}
	if os.Rename(aside, there) == nil {
		return nil
	}
	if o.Out = there; b.isComplete(o) { // by another server
		return nil
	}
	if err := errors.Join(os.RemoveAll(there), os.Rename(aside, there)); err != nil {
		return fmt.Errorf("move the build to its folder: %w", err)
	}
	return nil
}

// make compiles programs that are in no earlier build into the folder o.Out.
func (b Builder) make(ctx context.Context, o bundle.Options, hashes map[string]string) error {
	b.reuse(o, hashes)
	missing := b.missing(o)
	o.Names = slices.DeleteFunc(slices.Clone(b.Names), func(name string) bool { return !slices.Contains(missing, name) })
	if len(o.Names) > 0 { // no names would mean all functions
		if err := bundle.Run(ctx, o); err != nil {
			return err
		}
	}
	for _, folder := range b.Programs {
		if !slices.Contains(missing, path.Base(folder)) {
			continue
		}
		program, err := bundle.Program(ctx, o, folder)
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.Path(path.Base(folder)), program, 0o755); err != nil {
			return fmt.Errorf("write program %s: %w", folder, err)
		}
	}
	return writeHashes(o.Out, hashes)
}

// names returns the names of all programs.
func (b Builder) names() []string {
	all := slices.Clone(b.Names)
	for _, folder := range b.Programs {
		all = append(all, path.Base(folder))
	}
	return all
}

// missing returns the names of the programs that are not in the build's folder.
func (b Builder) missing(o bundle.Options) (names []string) {
	for _, name := range b.names() {
		if _, err := os.Stat(o.Path(name)); err != nil {
			names = append(names, name)
		}
	}
	return names
}

// prune removes all but the latest builds and those in use. A build that cannot be removed
// because it is running is removed by a later prune.
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
		if time.Since(age(e)) > 2*useInterval {
			os.RemoveAll(filepath.Join(b.Dir, e.Name()))
		}
	}
}
