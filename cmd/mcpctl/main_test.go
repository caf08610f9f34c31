package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mcpctl": main, "mcpctl-quick": quick})
}

// TestScripts runs each file of testdata: the command as a process, in an empty
// folder. The commands that scripts have in addition to testscript's are in the
// test files of this package.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"field":      field,
			"keptfolder": keptFolder, "project": project, "waitfor": waitFor, "sigterm": sigterm, "nochild": noChild, "paste": paste, "mode": mode, "busy": busy, "aws": fakeAWS, "endpoint": endpoint,
			"people": people, "hostile": hostileEndpoint, "harmless": harmless, "oneline": oneLine, "account": startAccount,
		},
	})
}
