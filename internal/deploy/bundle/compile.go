package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// compile builds every package into dir with one call of the go command, which
// compiles shared dependencies once and the rest in parallel.
func compile(ctx context.Context, o Options, dir, tags string, packages []string) error {
	dir, err := filepath.Abs(dir) // the go command runs in Root
	if err != nil {
		return fmt.Errorf("find the work folder: %w", err)
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-tags", tags,
		// No build id: it would differ between machines.
		"-ldflags", "-s -w -buildid=", "-o", dir + string(filepath.Separator)}
	args = append(args, withoutInlining()...)
	cmd := exec.CommandContext(ctx, "go", append(args, packages...)...)
	cmd.Dir = o.Root
	cmd.Env = environ(os.Environ(), o)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err = cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if text := strings.TrimSpace(output.String()); err != nil && text != "" {
		return errors.New(text)
	}
	if err != nil {
		return fmt.Errorf("run the go command: %w", err)
	}
	return nil
}

// environ returns the developer's environment with fixed values for the variables
// that would change the bytes. GOFLAGS is not empty, because "go env -w" overrides
// an empty one.
func environ(base []string, o Options) []string {
	return append(base[:len(base):len(base)],
		"GOOS="+o.GOOS, "GOARCH="+o.GOARCH, "CGO_ENABLED=0",
		"GOFLAGS=-buildvcs=false", "GOARM64=v8.0", "GOAMD64=v1")
}
