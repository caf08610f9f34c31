package interop

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"testing"

	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings"
)

// Chain runs a server as it is deployed with settings as in .env: behind the
// gateway and the authorizer, behind a Function URL, or as tasks behind a load
// balancer. Its programs come from a directory relative to the module's root or, if
// that lacks one, from the deployed ones. It stops when the test ends.
func Chain(t testing.TB, folder string, values map[string]string) *local.System {
	t.Helper()
	chosen, err := settings.Parse(values)
	if err != nil {
		t.Fatal(err)
	}
	return Run(t, folder, chosen, nil, "")
}

// Run is Chain with parsed settings, on a listener, or on any port if that is nil.
// resource is the URL of the endpoint for people, if sign-in is on.
func Run(t testing.TB, folder string, chosen settings.Settings, listener net.Listener, resource string) *local.System {
	t.Helper()
	topology, err := local.FromSettings(chosen)
	if err != nil {
		t.Fatal(err)
	}
	topology.SetSigninResource(resource)
	system, err := local.Start(topology, local.Options{Binary: buildPrograms(t, topology, folder), Listener: listener})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := system.Close(); err != nil {
			t.Error(err)
		}
	})
	return system
}

// buildPrograms builds the functions and the container's program as they are
// deployed, except that they are for this machine, and returns their paths.
func buildPrograms(t testing.TB, topology local.Topology, folder string) func(name string) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := noteSources(root); err != nil {
		t.Fatal(err)
	}
	o := bundle.Options{Root: root, Out: t.TempDir(), GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}
	var programs []string
	for _, f := range topology.Functions {
		programs = append(programs, "functions/"+f.Package)
	}
	if topology.Container.Program != "" {
		programs = append(programs, topology.Container.Program)
	}
	for _, program := range programs {
		name := path.Base(program)
		o.Names, o.Folder = []string{name}, folder
		if _, err := os.Stat(filepath.Join(root, folder, name)); err != nil {
			o.Folder = path.Dir(program)
		}
		if err := bundle.Run(t.Context(), o); err != nil {
			t.Fatalf("build %s/%s: %v", o.Folder, name, err)
		}
	}
	return o.Path
}

// noteSources calls Stat for every source file of the programs. The go command
// then knows that the result of this test depends on them; it does not notice what
// child processes read, and would reuse an old result.
func noteSources(root string) error {
	for _, dir := range []string{"cmd/mcpd", "functions", "internal", "tools"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.Name() == "node_modules":
				return fs.SkipDir
			case filepath.Ext(path) == ".go":
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("stat the sources: %w", err)
		}
	}
	return nil
}
