// Package bundle compiles the Lambda functions and packs each into the zip that
// Lambda's provided.al2023 runtime requires: one executable entry, "bootstrap".
//
// The same source gives the same bytes in every folder and on every operating
// system, so that the CDK uploads a function only when it has changed. That is why
// this package writes the zip: the CDK CLI would take the file mode from the disk,
// Windows has no execute bit, and the asset hash ignores the mode. (Another Go
// version does change the bytes.)
//
// The package uses only the standard library and klauspost/compress, so that a build needs
// few modules that the functions do not need.
package bundle

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
)

// Tags are the build tags of the functions and of the container's program, deployed and
// in a local run.
//
//   - lambda.norpc omits the runtime API of go1.x, which provided.al2023 does not use.
//   - nethttpomithttp2 omits HTTP/2 from net/http, which saves 0.14 MB of each zip
//     (docs/decisions/056-without-http2.md).
const Tags = "lambda.norpc,nethttpomithttp2"

// Options selects what is built, and for which platform.
type Options struct {
	Root   string   // folder of go.mod; empty means the current folder
	Out    string   // where the results go; relative to Root, empty means "dist"
	Folder string   // folder of the functions' folders, relative to Root; empty means "functions"
	Names  []string // folders below Folder; empty means all of functions/
	GOOS   string   // empty means "linux", which is what Lambda runs
	GOARCH string   // empty means "arm64"
	Zip    bool     // pack each binary as <name>.zip; false leaves plain binaries
}

// Run builds the functions, all of them or none: it replaces the results of an
// earlier run only after every function has compiled. If one does not compile, the
// error is the compiler's output and nothing else.
func Run(ctx context.Context, o Options) error {
	o = o.withDefaults()
	if len(o.Names) == 0 {
		names, err := Functions(o.Root)
		if err != nil {
			return err
		}
		o.Names = names
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return fmt.Errorf("create the build folder: %w", err)
	}
	// In the same folder as the results: a rename cannot cross file systems.
	work, err := os.MkdirTemp(o.Out, ".build-")
	if err != nil {
		return fmt.Errorf("create a work folder: %w", err)
	}
	defer os.RemoveAll(work)
	var packages []string
	for _, name := range o.Names {
		packages = append(packages, "./"+path.Join(o.Folder, name))
	}
	if err := compile(ctx, o, work, packages); err != nil {
		return err
	}
	for _, name := range o.Names {
		if err := o.deliver(work, name); err != nil {
			return err
		}
	}
	return nil
}

// Functions returns the names of the functions below root: the folders of
// functions/ with a main.go.
func Functions(root string) ([]string, error) {
	mains, err := filepath.Glob(filepath.Join(root, "functions", "*", "main.go"))
	if err != nil {
		return nil, fmt.Errorf("list functions: %w", err)
	}
	if len(mains) == 0 {
		return nil, fmt.Errorf("list functions: no functions/*/main.go in %q", root)
	}
	var names []string
	for _, m := range mains { // Glob sorts
		names = append(names, filepath.Base(filepath.Dir(m)))
	}
	return names, nil
}

// GOARCH converts a value of ARCHITECTURE, which is Lambda's name (arm64 or
// x86_64), to the go command's name.
func GOARCH(architecture string) string {
	if architecture == "x86_64" {
		return "amd64"
	}
	return architecture
}

// Path returns the path of the file that Run writes for a function.
func (o Options) Path(name string) string {
	o = o.withDefaults()
	if o.Zip {
		return filepath.Join(o.Out, name+".zip")
	}
	return filepath.Join(o.Out, o.binary(name))
}

func (o Options) withDefaults() Options {
	if o.Root == "" {
		o.Root = "."
	}
	if o.Folder == "" {
		o.Folder = "functions"
	}
	if o.Out == "" {
		o.Out = "dist"
	}
	if !filepath.IsAbs(o.Out) {
		o.Out = filepath.Join(o.Root, o.Out)
	}
	if o.GOOS == "" {
		o.GOOS = "linux"
	}
	if o.GOARCH == "" {
		o.GOARCH = "arm64"
	}
	return o
}

// binary returns the file name that the go command gives a program.
func (o Options) binary(name string) string {
	if o.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// deliver moves a compiled function from the work folder to [Options.Path].
func (o Options) deliver(work, name string) error {
	from := filepath.Join(work, o.binary(name))
	if o.Zip {
		packed := from + ".packed" // not ".zip", which could be a function's name
		if err := writeZip(packed, from); err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
		from = packed
	}
	if err := os.Rename(from, o.Path(name)); err != nil {
		return fmt.Errorf("move %s into the build folder: %w", name, err)
	}
	return nil
}
