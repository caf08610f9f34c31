package lambdaops

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
)

var update = flag.Bool("update", false, "rewrite the golden file")

// TestGolden holds what clients read of the tools: names, hints and schemas.
func TestGolden(t *testing.T) {
	w := newWorld(t, awsfake.LambdaOptions{})
	var got bytes.Buffer
	for _, tl := range w.ops.Set().Tools {
		text, err := json.Marshal(tl.Definition())
		if err == nil {
			err = json.Indent(&got, text, "", "  ")
		}
		if err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
	}
	name := filepath.Join("testdata", "tools.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("tools (-want +got), go test -update rewrites the file:\n%s", diff)
	}
}
