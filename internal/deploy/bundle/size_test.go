package bundle_test

import (
	"os"
	"runtime"
	"testing"

	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/test/project"
)

// TestOurFunctionsAreSmall checks the limit that keeps cold starts and uploads fast. A
// server with larger dependencies may raise it. The functions are built for this machine's
// processor, because other tests do that too.
func TestOurFunctionsAreSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles all functions")
	}
	limit := int64(4_280_000)
	if runtime.GOARCH == "amd64" {
		limit = limit / 10 * 11 // its programs are a tenth larger than those for arm64
	}
	root, err := project.ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if err := project.Compile(root); err != nil {
		t.Fatal(err)
	}
	o := bundle.Options{Root: root, Out: t.TempDir(), GOARCH: runtime.GOARCH, Zip: true}
	if err := bundle.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	names, err := bundle.Functions(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		info, err := os.Stat(o.Path(name))
		if err != nil {
			t.Fatal(err)
		}
		if size := info.Size(); size > limit {
			t.Errorf("%s.zip is %d bytes, want at most %d", name, size, limit)
		}
	}
}
