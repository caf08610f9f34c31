package keys

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/devserver/local"
)

// aLocalServer returns the folder of a project with a running local server, which
// has no functions.
func aLocalServer(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cdk.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := local.Start(local.Topology{}, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := local.FolderIn(dir).WriteState(local.State{URL: s.URL + "/mcp", Identity: s.Identity}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Keys of a deployed stack get the stack's entry name even if a local server runs:
// only connect uses the local server without a flag.
func TestEntryName(t *testing.T) {
	env := &cli.Env{Dir: aLocalServer(t), Stdout: io.Discard, Stderr: io.Discard}
	if !cli.LocalRuns(env) {
		t.Fatal("the local server is not found")
	}
	for _, tc := range []struct {
		t           targetFlags
		stage, want string
	}{
		{targetFlags{}, "", "serverless-mcp"},
		{targetFlags{}, "dev", "serverless-mcp-dev"},
		{targetFlags{StackTarget: cli.StackTarget{Stage: "dev"}}, "dev", "serverless-mcp-dev"},
		{targetFlags{Local: true}, "local", "serverless-mcp-local"},
	} {
		if got := entryName(env, tc.t, tc.stage); got != tc.want {
			t.Errorf("entryName(%+v, %q) = %q, want %q", tc.t, tc.stage, got, tc.want)
		}
	}
}
