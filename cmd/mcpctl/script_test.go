package main

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"

	"serverless-mcp/internal/test/poll"
	testproject "serverless-mcp/internal/test/project"
)

// setup lets scripts run the go command with the settings and caches of this machine, so
// that they share what was compiled for the tests.
func setup(env *testscript.Env) error {
	env.Setenv("GOFLAGS", os.Getenv("GOFLAGS"))
	caches, err := goCaches()
	if err != nil {
		return err
	}
	env.Setenv("GOCACHE", caches[0])
	env.Setenv("GOMODCACHE", caches[1])
	addWorker(env)
	return nil
}

// goCaches returns GOCACHE and GOMODCACHE.
var goCaches = sync.OnceValues(func() ([]string, error) {
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	caches := strings.Fields(string(out))
	if err == nil && len(caches) != 2 {
		err = fmt.Errorf("go env printed %q, want two folders", out)
	}
	return caches, err
})

// keptFolder VARIABLE NAME sets a variable to the path of an empty folder, for scripts that
// compile the project with the go command. It is the same folder in each run and for each
// script with that name, so that the command finds in its cache what it compiled there
// before. The scripts run one after the other. "clone-served" is also the folder of
// internal/test/clone, where the README's commands compile mcpctl.
func keptFolder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: keptfolder VARIABLE NAME")
	}
	dir, remove, err := testproject.Folder(args[1])
	ts.Check(err)
	ts.Defer(remove)
	ts.Setenv(args[0], dir)
}

// project DIR [compiled|built] copies the parts of this project that mcpctl local needs,
// with the tools in testdata, because users delete the sample tools. With "compiled",
// mcpctl local only has to link its programs: two scripts that compiled them at once would
// take twice as long. With "built", it finds the programs that an earlier run would have
// linked.
func project(ts *testscript.TestScript, neg bool, args []string) {
	mode := strings.Join(args[min(1, len(args)):], " ")
	if neg || len(args) == 0 || !slices.Contains([]string{"", "compiled", "built"}, mode) {
		ts.Fatalf("usage: project DIR [compiled|built]")
	}
	to := ts.MkAbs(args[0])
	for _, name := range []string{"go.mod", "go.sum", "cdk.json"} {
		ts.Check(os.MkdirAll(to, 0o755))
		copyFile(ts, filepath.Join("..", "..", name), filepath.Join(to, name))
	}
	for _, name := range []string{"cmd/mcpctl", "cmd/mcpd", "functions", "internal"} {
		ts.Check(copySource(filepath.Join("..", "..", name), filepath.Join(to, name)))
	}
	ts.Check(copySource(filepath.Join("testdata", "tools"), filepath.Join(to, "tools")))
	copyFile(ts, filepath.Join("..", "..", "tools", "config.go"), filepath.Join(to, "tools", "config.go"))
	switch mode {
	case "compiled":
		ts.Check(testproject.Compile(to))
	case "built":
		built.once.Do(func() { built.dir, built.err = testproject.Build(to, "mcpctl") })
		ts.Check(built.err)
		ts.Check(testproject.Prelink(to, built.dir))
	}
}

// built holds the programs that the first script has built, which the other scripts use
// too.
var built struct {
	once sync.Once
	dir  string
	err  error
}

func copyFile(ts *testscript.TestScript, from, to string) {
	data, err := os.ReadFile(from)
	ts.Check(err)
	ts.Check(os.WriteFile(to, data, 0o644))
}

// copySource copies a folder without its tests.
func copySource(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch name := d.Name(); {
		case d.IsDir() && (name == "testdata" || name == "node_modules"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		case strings.HasSuffix(name, "_test.go"):
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o644)
	})
}

// field FILE NAME VARIABLE sets a variable to the first string of that name in a file
// with JSON.
func field(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: field FILE NAME VARIABLE")
	}
	found := regexp.MustCompile(`"` + regexp.QuoteMeta(args[1]) + `": *"([^"]*)"`).FindStringSubmatch(ts.ReadFile(args[0]))
	if found == nil {
		ts.Fatalf("%s has no string %s", args[0], args[1])
	}
	ts.Setenv(args[2], found[1])
}

// waitFor waits until a file matches a pattern.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE PATTERN")
	}
	re := regexp.MustCompile("(?m)" + args[1])
	var text []byte
	defer func() { ts.Logf("%s:\n%s", args[0], text) }()
	poll.Until(ts, args[0]+" to match "+args[1], func() bool {
		text, _ = os.ReadFile(ts.MkAbs(args[0])) // it may not be there yet
		return re.Match(text)
	})
}

// sigterm sends SIGTERM to every background process, as a supervisor does;
// testscript's kill supports only INT and KILL.
func sigterm(ts *testscript.TestScript, _ bool, _ []string) {
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
	}
}

// nochild fails if a program below the current folder is running.
func noChild(ts *testscript.TestScript, _ bool, _ []string) {
	programs, err := filepath.Glob("/proc/[0-9]*/exe")
	ts.Check(err)
	if runtime.GOOS == "linux" && len(programs) == 0 {
		ts.Fatalf("found no process in /proc")
	}
	for _, exe := range programs {
		path, err := os.Readlink(exe)
		if err == nil && strings.HasPrefix(path, ts.MkAbs(".")) {
			ts.Fatalf("%s still runs %s", exe, path)
		}
	}
}

// paste FILE runs the curl command that mcpctl local printed to FILE, as a user
// would, and fails unless the response lists tools.
func paste(ts *testscript.TestScript, _ bool, args []string) {
	_, after, ok := strings.Cut(ts.ReadFile(args[0]), "Try it:\n")
	command, _, ok2 := strings.Cut(after, "\n\n")
	if !ok || !ok2 {
		ts.Fatalf("no command in %s", args[0])
	}
	ts.Check(ts.Exec("sh", "-c", command))
	if out := ts.ReadFile("stdout"); !strings.Contains(out, `"tools":[`) {
		ts.Fatalf("%s\nprinted: %s", command, out)
	}
}

// mode PERMISSIONS FILE... compares permissions, except on Windows.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	if runtime.GOOS == "windows" {
		return
	}
	for _, name := range args[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := info.Mode().Perm().String(); got != args[0] {
			ts.Fatalf("%s has %s, want %s", name, got, args[0])
		}
	}
}

// busy sets BUSY to an address that is in use.
func busy(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv("BUSY", l.Addr().String())
}
