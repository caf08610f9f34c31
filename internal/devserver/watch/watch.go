// Package watch reports changes to a Go project's source.
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

// Options of [New].
type Options struct {
	Root  string   // the project's folder
	Dirs  []string // folders below Root, such as cmd/mcpd, watched recursively
	Files []string // files directly in Root
	// Quiet is the time without events before a change is reported: an editor writes a
	// file in several steps, and switching branches changes many files. Zero means
	// 150 ms.
	Quiet time.Duration
}

// Watcher watches a project's files.
type Watcher struct {
	o Options
	w *fsnotify.Watcher
}

// New starts watching. The caller must call Run, which releases the resources.
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
		dir = filepath.Join(o.Root, dir)
		err = errors.Join(err, w.Add(filepath.Dir(dir)), addTree(w, dir)) // its parent, in case it is created again
	}
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("watch %s: %w", o.Root, err)
	}
	return &Watcher{o, w}, nil
}

// Run calls changed after each change with the changed paths below Root, sorted.
// "." reports an event-queue overflow, when the changed paths are unknown. Changes
// during the callback are reported after it. Run returns nil when ctx ends.
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
			// The event queue overflowed, for example because of a branch switch: any file
			// may have changed.
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

// relevant returns the path of an event relative to Root, or "" if no build reads that
// file. It starts watching new folders.
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
			return "" // removed in the meantime
		}
	}
	return path
}

// covers reports whether a path is one of Files, or one of Dirs or in one. The watch on
// Root also reports other files, such as a log.
func (o Options) covers(path string) bool {
	path = filepath.ToSlash(path)
	return slices.Contains(o.Files, path) ||
		slices.ContainsFunc(o.Dirs, func(dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") })
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

// ignored reports whether builds ignore files and folders with this name: hidden
// files, editors' backups, test data, and build output.
func ignored(name string) bool {
	return strings.HasPrefix(name, ".") && name != ".env" || strings.HasSuffix(name, "~") ||
		slices.Contains([]string{"node_modules", "cdk.out", "dist", "testdata"}, name)
}
