// Package watch tells when the source of a Go project changes.
package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Options say what is watched.
type Options struct {
	Root  string   // the project's folder
	Dirs  []string // folders directly below it, watched with all below them
	Files []string // files directly in it
	// Quiet is how long nothing must have happened before a change is told: an
	// editor writes a file in several steps, and a branch is many files. Zero
	// means 150 ms.
	Quiet time.Duration
}

// Watcher watches from [New] on.
type Watcher struct {
	o Options
	w *fsnotify.Watcher
}

// New begins to watch. Run must follow.
func New(o Options) (*Watcher, error) {
	if o.Quiet == 0 {
		o.Quiet = 150 * time.Millisecond
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", o.Root, err)
	}
	err = w.Add(o.Root)
	for _, dir := range o.Dirs {
		err = errors.Join(err, addTree(w, filepath.Join(o.Root, dir)))
	}
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("watch %s: %w", o.Root, err)
	}
	return &Watcher{o, w}, nil
}

// Run calls changed after each change, with the changed paths below Root,
// sorted; "." is for more than the system could tell of. What changes while it runs is told afterwards. Run ends with the
// context, without an error.
func (w *Watcher) Run(ctx context.Context, changed func(paths []string)) error {
	defer w.w.Close()
	var paths []string
	var quiet <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case event := <-w.w.Events:
			path := w.relevant(event)
			if path == "" {
				continue
			}
			if !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
			quiet = time.After(w.o.Quiet)
		case err := <-w.w.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return fmt.Errorf("watch %s: %w", w.o.Root, err)
			}
			// More happened than the system tells of, such as another branch:
			// anything may have changed.
			if !slices.Contains(paths, ".") {
				paths = append(paths, ".")
			}
			quiet = time.After(w.o.Quiet)
		case <-quiet:
			slices.Sort(paths)
			changed(paths)
			paths, quiet = nil, nil
		}
	}
}

// relevant is the path below Root that an event is about; "" if it is of no
// matter to a build. A new folder is watched from now on.
func (w *Watcher) relevant(event fsnotify.Event) string {
	if event.Op == fsnotify.Chmod || ignored(filepath.Base(event.Name)) {
		return ""
	}
	path, err := filepath.Rel(w.o.Root, event.Name)
	if err != nil {
		return ""
	}
	if !w.o.covers(path) {
		return ""
	}
	if info, err := os.Stat(event.Name); err == nil && info.IsDir() {
		if !event.Has(fsnotify.Create) {
			return ""
		}
		if addTree(w.w, event.Name) != nil {
			return "" // gone again already
		}
	}
	return path
}

// covers reports whether a path is one of Files, or in one of Dirs. All of
// Root is heard of, where somebody may be writing a log.
func (o Options) covers(path string) bool {
	first, _, below := strings.Cut(filepath.ToSlash(path), "/")
	if below {
		return slices.Contains(o.Dirs, first)
	}
	return slices.Contains(o.Files, path)
}

func addTree(w *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case path != dir && ignored(d.Name()):
			return filepath.SkipDir
		}
		return w.Add(path)
	})
}

// ignored are files and folders that no build reads, wherever they are: hidden
// ones, editors' back-ups, test data, and what builds leave.
func ignored(name string) bool {
	return strings.HasPrefix(name, ".") && name != ".env" || strings.HasSuffix(name, "~") ||
		slices.Contains([]string{"node_modules", "cdk.out", "dist", "testdata"}, name)
}
