package local

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"serverless-mcp/internal/devserver/watch"
	"serverless-mcp/internal/settings/dotenv"
)

// watcher returns a watcher of the source; nil if wanted is false.
func (r *server) watcher(wanted bool) (*watch.Watcher, error) {
	if !wanted {
		return nil, nil
	}
	return watch.New(watch.Options{Root: r.root,
		Dirs:  []string{"cmd/mcpd", "functions", "internal", "tools"},
		Files: []string{"go.mod", "go.sum", dotenv.File},
	})
}

// rebuild builds the source and replaces the running functions. If the source does
// not compile, the last build stays.
func (r *server) rebuild(ctx context.Context, paths []string) {
	if i := slices.Index(paths, dotenv.File); i >= 0 {
		r.view.Print("watch", "%s has changed; restart mcpctl local to apply it", dotenv.File)
		paths = slices.Delete(paths, i, i+1)
	}
	if len(paths) == 0 {
		return
	}
	what := shortened(paths)
	next, err := r.builder.Build(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		r.view.Print("watch", "%s: does not compile, the last build keeps running:\n%v", what, err)
	case next.ID == r.current.ID:
		r.view.Print("watch", "%s: no change in the functions", what)
	default:
		if err := r.system.Replace(next.Binary); err != nil {
			r.view.Print("watch", "%s: the last build keeps running: %v", what, err)
			return
		}
		r.current = next
		r.use(ctx)
		r.view.Print("watch", "%s: serving the new build (%s)", what, next.Took.Round(time.Millisecond))
	}
}

// shortened lists the first few paths and the number of others.
func shortened(paths []string) string {
	const few = 3
	if len(paths) <= few {
		return strings.Join(paths, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(paths[:few], ", "), len(paths)-few)
}
