// Package localbuild keeps the functions compiled for this machine. A build is
// kept under the hash of everything that went into it, so that starting again
// without a change does not even link.
package localbuild

import (
	"bytes"
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

// keep is how many builds are kept: the one that runs, the one it replaced,
// which may still be answering, and those of a branch or two.
const keep = 4

// Builder builds the functions of one project.
type Builder struct {
	Root  string   // the project's folder
	Dir   string   // where builds are kept
	Names []string // folders below functions/
	// Programs are folders of programs that are no functions, such as cmd/mcpd;
	// each is known by the last part of its path.
	Programs []string
}

// Build is the functions as they were at one moment.
type Build struct {
	ID     string        // differs where the code differs
	Fresh  bool          // it was made now, not found
	Took   time.Duration // until it was there
	binary func(string) string
}

// Binary is the path of a function's program.
func (b Build) Binary(name string) string { return b.binary(name) }

// Build compiles the functions, or finds that they are compiled already. When
// one does not compile, the error's text is what the compiler said.
func (b Builder) Build(ctx context.Context) (Build, error) {
	start := time.Now()
	// Where go list fails, the build fails too, and knows better words.
	id, err := b.id(ctx)
	if err != nil {
		id = "broken"
	}
	o := bundle.Options{Root: b.Root, Out: filepath.Join(b.Dir, id), Names: b.Names, GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}
	done := Build{ID: id, binary: o.Path}
	if b.complete(o) && id != "broken" {
		now := time.Now()
		os.Chtimes(o.Out, now, now) // for prune; no harm if it fails
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

// make compiles everything into its folder.
func (b Builder) make(ctx context.Context, o bundle.Options) error {
	if len(b.Names) > 0 { // none would mean all
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
			return fmt.Errorf("keep %s: %w", folder, err)
		}
	}
	return nil
}

// id is a hash of the build ids of all packages that the functions are made
// of. To tell those, the go command compiles what has changed, as the build
// would, but does not link, which is what takes the time.
func (b Builder) id(ctx context.Context) (string, error) {
	args := []string{"list", "-export", "-deps", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc", "-f", "{{.ImportPath}} {{.BuildID}}"}
	for _, name := range b.Names {
		args = append(args, "./functions/"+name)
	}
	for _, folder := range b.Programs {
		args = append(args, "./"+folder)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = b.Root
	// As the build sets them, or it would compile everything once more.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath", "GOARM64=v8.0", "GOAMD64=v1")
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("run the go command: %w", err)
	}
	fmt.Fprintln(&out, runtime.Version(), b.Names, b.Programs)
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

// prune removes all but the latest builds. What cannot be removed, because it
// still runs, goes another time.
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
