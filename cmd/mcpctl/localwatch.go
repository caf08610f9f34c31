package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"serverless-mcp/internal/settings/dotenv"
	"serverless-mcp/internal/watch"
)

// watcher watches what the functions are made of; nil if that is not wanted.
func (r *localRun) watcher(wanted bool) (*watch.Watcher, error) {
	if !wanted {
		return nil, nil
	}
	return watch.New(watch.Options{Root: r.root, Dirs: []string{"functions", "internal", "tools"}})
}

// rebuild replaces the running functions by what the source is now. While it
// does not compile, the old ones go on serving.
func (r *localRun) rebuild(ctx context.Context, paths []string) {
	if slices.Contains(paths, dotenv.File) {
		r.view.Print("watch", "%s has changed; start again for it to count", dotenv.File)
	}
	if !slices.ContainsFunc(paths, isSource) {
		return
	}
	next, err := r.builder.Build(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		r.view.Print("watch", "%s does not compile, the last build goes on serving:\n%v", strings.Join(paths, ", "), err)
	case next.ID == r.current.ID:
		r.view.Print("watch", "%s: no change in the functions", strings.Join(paths, ", "))
	default:
		r.current = next
		r.system.Replace(next.Binary)
		r.view.Print("watch", "%s: serving the new build (%s)", strings.Join(paths, ", "), next.Took.Round(time.Millisecond))
	}
}

// isSource reports whether a change of the file can change the functions: all
// in the watched folders can, as they may embed anything; of the files beside
// go.mod only that and its sums.
func isSource(path string) bool {
	return strings.ContainsAny(path, `/\`) || path == "go.mod" || path == "go.sum"
}
