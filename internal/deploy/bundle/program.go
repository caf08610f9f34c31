package bundle

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Program compiles one program of the project that is no function, such as
// "cmd/mcpd", and returns its bytes. They depend on the source and the Go
// version only, as those of the functions do. Of the options Root, GOOS and
// GOARCH count. When it does not compile, the error's text is what the compiler
// said and nothing else.
//
// The program is static and brings the time zones with it: an image may hold
// nothing else, while Lambda's system has them on disk.
func Program(ctx context.Context, o Options, folder string) ([]byte, error) {
	o = o.withDefaults()
	work, err := os.MkdirTemp("", "build-")
	if err != nil {
		return nil, fmt.Errorf("create a work folder: %w", err)
	}
	defer os.RemoveAll(work)
	if err := compile(ctx, o, work, "timetzdata", []string{"./" + folder}); err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(filepath.Join(work, o.binary(filepath.Base(folder))))
	if err != nil {
		return nil, fmt.Errorf("read the compiled program: %w", err)
	}
	return binary, nil
}
