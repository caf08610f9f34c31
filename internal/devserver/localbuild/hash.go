package localbuild

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"serverless-mcp/internal/deploy/bundle"
)

// hashesFile is the file in a build's folder with the hash of each program, by name.
const hashesFile = "hashes.json"

// listed is a package that go list prints.
type listed struct {
	ImportPath, BuildID string
	DepOnly             bool // only a dependency of the programs
	Deps                []string
}

// compileError is the output of the compiler, whose first line is "# " and the package.
type compileError string

func (e compileError) Error() string { return string(e) }

// hashes returns for each program a hash of the build ids of its packages. To compute
// these, the go command compiles the changed packages, as the build would, but does not
// link, which takes most of the time. If a package does not compile, the error is the
// compiler's output, a [compileError].
func (b Builder) hashes(ctx context.Context) (map[string]string, error) {
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,BuildID,DepOnly,Deps"}, bundle.Arguments()...)
	for _, name := range b.Names {
		args = append(args, "./"+path.Join(cmp.Or(b.Folder, "functions"), name))
	}
	for _, folder := range b.Programs {
		args = append(args, "./"+folder)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = b.Root
	// The settings must be those of the build; with others, everything would be compiled
	// again.
	cmd.Env = bundle.Options{GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}.Environ(os.Environ())
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && bytes.HasPrefix(failed.Stderr, []byte("# ")) {
		return nil, compileError(strings.TrimSpace(string(failed.Stderr)))
	}
	if err != nil {
		return nil, fmt.Errorf("run the go command: %w", err)
	}
	var programs []listed
	ids := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read the output of go list: %w", err)
		}
		ids[p.ImportPath] = p.BuildID
		if !p.DepOnly {
			programs = append(programs, p)
		}
	}
	hashes := map[string]string{}
	for _, p := range programs {
		parts := []string{runtime.Version()}
		for _, name := range slices.Sorted(slices.Values(append(p.Deps, p.ImportPath))) {
			parts = append(parts, name, ids[name])
		}
		hashes[path.Base(p.ImportPath)] = hash(parts)
	}
	return hashes, nil
}

// id returns a hash of everything in a build.
func (b Builder) id(hashes map[string]string) string {
	var parts []string
	for _, name := range b.names() {
		parts = append(parts, name, hashes[name])
	}
	return hash(parts)
}

func hash(parts []string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return hex.EncodeToString(sum[:8])
}

// reuse hard-links programs with the same hash from earlier builds into the build's folder.
// A program that cannot be hard-linked is compiled.
func (b Builder) reuse(o bundle.Options, hashes map[string]string) {
	earlier, _ := filepath.Glob(filepath.Join(b.Dir, "*", hashesFile))
	for _, file := range earlier {
		var has map[string]string
		data, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(data, &has) != nil {
			continue
		}
		for _, name := range b.missing(o) {
			if has[name] != "" && has[name] == hashes[name] {
				from := filepath.Join(filepath.Dir(file), filepath.Base(o.Path(name)))
				_ = os.Link(from, o.Path(name)) // fails if another build removes it now
			}
		}
	}
}

func writeHashes(dir string, hashes map[string]string) error {
	data, err := json.Marshal(hashes)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, hashesFile), data, 0o644); err != nil {
		return fmt.Errorf("write the hashes of the programs: %w", err)
	}
	return nil
}
