package bundle

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Program compiles one program of the project that is not a function, such as
// "cmd/mcpd", and returns its bytes, which depend only on the source and the Go version,
// like those of the functions. It uses Root, GOOS and GOARCH of the options.
// If the program does not compile, the error is the compiler's output and nothing
// else.
//
// The program is static, since its image has no dynamic linker.
func Program(ctx context.Context, o Options, folder string) ([]byte, error) {
	o = o.withDefaults()
	work, err := os.MkdirTemp("", "build-")
	if err != nil {
		return nil, fmt.Errorf("create a work folder: %w", err)
	}
	defer os.RemoveAll(work)
	if err := compile(ctx, o, work, []string{"./" + folder}); err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(filepath.Join(work, o.binary(filepath.Base(folder))))
	if err != nil {
		return nil, fmt.Errorf("read the compiled program: %w", err)
	}
	return binary, nil
}
