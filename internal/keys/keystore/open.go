package keystore

import (
	"context"
	"log/slog"
)

// Open returns a [Reader] that has read the secrets once, so that the first
// lookup need not wait for them. A failed read is logged and does not stop the
// program: the secrets may be readable by the time of the first lookup.
func Open(ctx context.Context, o Options) *Reader {
	r := NewReader(o)
	if err := r.Warm(ctx); err != nil && o.Log != nil {
		o.Log.LogAttrs(ctx, slog.LevelError, "cannot read the keys yet", slog.String("error", err.Error()))
	}
	return r
}
