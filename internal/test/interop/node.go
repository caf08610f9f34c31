// Package interop lets tests run third-party programs (MCP clients, the official conformance
// suite) against our server as it is deployed. Programs for Node are locked in
// node/package-lock.json, and installed when a test first needs them ([Install]). The
// server runs behind the emulated gateway and the authorizer ([Chain]).
package interop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"serverless-mcp/internal/test/project"
)

// minNode is the oldest major version of Node that all programs run on.
const minNode = 22

// Node is an installation of the locked packages, and a Node program to run them.
type Node struct {
	Dir     string // contains node_modules
	program string
}

// Install installs the packages unless they are installed. With -short it skips the test. If
// npm or the network is missing, it fails the test, because a skipped test would prove
// nothing.
func Install(t testing.TB) Node {
	t.Helper()
	return InstallIn(t, "internal/test/interop/node")
}

// InstallIn is like [Install], for the packages that are locked in another folder, relative
// to the module's root.
func InstallIn(t testing.TB, folder string) Node {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Node packages")
	}
	root, err := project.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, filepath.FromSlash(folder))
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	if err := install(ctx, dir); err != nil {
		t.Fatalf("install the Node packages of these tests: %v\n"+
			"Run \"npm ci\" in %s; it needs the network. To skip these tests, use go test -short.", err, dir)
	}
	program, err := find(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	return Node{Dir: dir, program: program}
}

// Command returns a command that runs a script, given by its path below [Node.Dir].
func (n Node) Command(ctx context.Context, script string, arguments ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, n.program, append([]string{filepath.Join(n.Dir, script)}, arguments...)...)
	cmd.Dir = n.Dir
	// The programs are large: without the cache, Node compiles them at each start.
	cmd.Env = append(cmd.Environ(), "NODE_COMPILE_CACHE="+filepath.Join(n.Dir, "node_modules", ".cache", "node"))
	cmd.WaitDelay = 5 * time.Second // for child processes that keep the output open
	return cmd
}

// install runs npm ci unless the packages are installed. Tests of several Go packages run
// concurrently, so install waits for another installation of the same packages.
func install(ctx context.Context, dir string) error {
	lock := fmt.Sprintf("serverless-mcp-npm-%x.lock", sha256.Sum256([]byte(dir)))
	unlock, err := lockedfile.MutexAt(filepath.Join(os.TempDir(), lock)).Lock()
	if err != nil {
		return fmt.Errorf("wait for another installation: %w", err)
	}
	defer unlock()
	if installed(dir) {
		return nil
	}
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &output, &output
	if err := cmd.Run(); err != nil {
		return errors.Join(fmt.Errorf("npm ci: %w", err), ctx.Err(), errors.New(strings.TrimSpace(output.String())))
	}
	return nil
}

// installed reports whether npm has finished since package-lock.json was last changed.
func installed(dir string) bool {
	want, err := os.Stat(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return false // npm reports the problem
	}
	done, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")) // npm writes this file last
	return err == nil && !done.ModTime().Before(want.ModTime())
}

// find returns a Node program that is new enough: the one in the packages or, if npm may not
// run that package's install script, the one in PATH.
func find(ctx context.Context, dir string) (string, error) {
	own := filepath.Join(dir, "node_modules", "node", "bin", "node")
	if runtime.GOOS == "windows" {
		own += ".exe"
	}
	for _, program := range []string{own, "node"} {
		out, err := exec.CommandContext(ctx, program, "--version").Output()
		major, _, _ := strings.Cut(strings.TrimPrefix(string(out), "v"), ".")
		if version, numeric := strconv.Atoi(major); err == nil && numeric == nil && version >= minNode {
			return program, nil
		}
	}
	return "", fmt.Errorf("find Node %d: npm has not installed it in %s, and PATH has none. "+
		"Allow npm to run the install script of the package \"node\", or install Node %d", minNode, dir, minNode)
}
