package interop

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"sync"
	"testing"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/project"
)

// Chain runs a server as it would be deployed with these settings of .env: behind the gateway
// and the authorizer, behind a Function URL, or as tasks behind a load balancer. Programs in
// folder, relative to the module's root, replace deployed programs of the same name. The
// server stops when the test ends.
func Chain(t testing.TB, folder string, values map[string]string) *local.System {
	t.Helper()
	chosen, err := settings.Parse(values)
	if err != nil {
		t.Fatal(err)
	}
	return Run(t, folder, chosen, nil, "")
}

// Run is like [Chain], with parsed settings, on a listener, or on any port if listener is
// nil. resource is the URL of the endpoint for people, if sign-in is on.
func Run(t testing.TB, folder string, chosen settings.Settings, listener net.Listener, resource string) *local.System {
	t.Helper()
	topology, err := local.FromSettings(chosen)
	if err != nil {
		t.Fatal(err)
	}
	topology.SetSigninResource(resource)
	system, err := local.Start(topology, local.Options{Binary: programs(t, folder), Listener: listener})
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

// binary returns the path of a program.
type binary = func(name string) string

// built has the programs that this process has built: for each folder a func() (binary,
// error).
var built sync.Map

// programs builds the deployed programs and those in folder, and returns their paths.
func programs(t testing.TB, folder string) binary {
	t.Helper()
	once, _ := built.LoadOrStore(folder, sync.OnceValues(func() (binary, error) { return build(folder) }))
	find, err := once.(func() (binary, error))()
	if err != nil {
		t.Fatal(err)
	}
	return find
}

func build(folder string) (binary, error) {
	root, err := project.ModuleRoot()
	if err != nil {
		return nil, err
	}
	if err := noteSources(root); err != nil {
		return nil, err
	}
	dir, err := project.Build(root, "deployed")
	if err != nil {
		return nil, err
	}
	deployed := project.Binary(dir)
	if folder == "functions" {
		return deployed, nil
	}
	if dir, err = project.BuildIn(root, folder, path.Base(folder)); err != nil {
		return nil, err
	}
	replaced := project.Binary(dir)
	return func(name string) string {
		if _, err := os.Stat(replaced(name)); err == nil {
			return replaced(name)
		}
		return deployed(name)
	}, nil
}

// noteSources calls Stat for every source file of the programs, so that the go command knows
// that the test's result depends on them. The command does not notice what child processes
// read, and would otherwise reuse an old result.
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
