package cli

import (
	"time"

	"serverless-mcp/internal/deploy/bundle"
)

// Compiling announces a compilation on standard error if it is slow, as the first one is.
// Call stop when the compilation ends.
func (e *Env) Compiling() (stop func()) {
	return bundle.Slow(func(elapsed time.Duration) { e.Note("%s", bundle.SlowText(elapsed)) })
}
