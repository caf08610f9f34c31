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

// Arguments returns the arguments of the go command that change how it compiles a
// package. A command that has the same arguments, and the environment of
// [Options.Environ], finds in the go command's cache what a build compiled.
func Arguments() []string {
	return append([]string{"-trimpath", "-buildvcs=false", "-tags", Tags}, withoutInlining()...)
}

// compile builds every package into dir with one call of the go command, which
// compiles shared dependencies once and the rest in parallel.
func compile(ctx context.Context, o Options, dir string, packages []string) error {
	dir, err := filepath.Abs(dir) // the go command runs in Root
	if err != nil {
		return fmt.Errorf("find the work folder: %w", err)
	}
	args := append([]string{"build"}, Arguments()...)
	// No build id: it would differ between machines.
	args = append(args, "-ldflags", "-s -w -buildid=", "-o", dir+string(filepath.Separator))
	cmd := exec.CommandContext(ctx, "go", append(args, packages...)...)
	cmd.Dir = o.Root
	cmd.Env = o.Environ(os.Environ())
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

// Environ returns the developer's environment with fixed values for the variables
// that would change the bytes. GOFLAGS is not empty, because "go env -w" overrides
// an empty one.
func (o Options) Environ(base []string) []string {
	o = o.withDefaults()
	return append(base[:len(base):len(base)],
		"GOOS="+o.GOOS, "GOARCH="+o.GOARCH, "CGO_ENABLED=0",
		"GOFLAGS=-buildvcs=false", "GOARM64=v8.0", "GOAMD64=v1")
}
