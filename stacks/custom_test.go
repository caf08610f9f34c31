package stacks

import (
	"path/filepath"
	"testing"
)

// TestCustomOpensNothing looks at the stack with what custom.go adds: that is
// its owner's affair, as long as nobody comes in without a key, or reads one.
func TestCustomOpensNothing(t *testing.T) {
	p := Props{Settings: parse(t, variants()["full"]), Custom: Custom}
	result, err := synthesise(filepath.Join(t.TempDir(), "out"), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRoutes(t, "custom", result)
	checkSecrets(t, "custom", result, []string{"DefaultKey", "IssuedKeys", "ToolSecretB", "ToolSecretUpstreamToken"})
	if result.findings != nil {
		t.Errorf("findings = %q", result.findings)
	}
}
