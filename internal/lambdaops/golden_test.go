package lambdaops

import (
	"bytes"
	"encoding/json"
	"testing"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/test/golden"
)

// TestGolden compares what clients read: names, hints and schemas of the tools.
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
	golden.Check(t, "testdata/tools.golden", got.String())
}
