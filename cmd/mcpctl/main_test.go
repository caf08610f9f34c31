package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mcpctl": main, "mcpctl-quick": quick, "mcpctl-worker": work})
}

// TestScripts runs each file of testdata in an empty folder. "run mcpctl" runs a command
// line in the script's [worker]. "exec mcpctl" starts a process, for what needs one: a
// terminal, the background and signals. The commands that scripts have
// in addition to testscript's are in the test files of this package.
func TestScripts(t *testing.T) {
	t.Cleanup(stopWorkers)
	testscript.Run(t, testscript.Params{
		Files: scripts(t), RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run":        runHere,
			"field":      field,
			"keptfolder": keptFolder, "project": project, "waitfor": waitFor, "sigterm": sigterm, "nochild": noChild, "paste": paste, "mode": mode, "busy": busy, "aws": fakeAWS, "endpoint": endpoint,
			"signinserver": signinServer, "hostile": hostileEndpoint, "harmless": harmless, "oneline": oneLine, "account": startAccount,
		},
	})
}

// scripts returns the scripts, with the longest first, so that none runs alone at the end.
func scripts(t *testing.T) (files []string) {
	t.Helper()
	var rest []string
	all, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		if name := strings.TrimSuffix(filepath.Base(file), ".txtar"); slices.Contains([]string{"image", "local", "shapes", "surface", "watch"}, name) {
			files = append(files, file)
		} else {
			rest = append(rest, file)
		}
	}
	return append(files, rest...)
}
