package stacks

import (
	"path/filepath"
	"testing"
)

// TestCustomOpensNothing checks the stack with the resources of custom.go: they must
// neither add a route without a key nor allow reading one.
func TestCustomOpensNothing(t *testing.T) {
	p := Props{Settings: parse(t, variants()["full"]), Custom: Custom}
	result, err := synthesize(filepath.Join(t.TempDir(), "out"), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRoutes(t, "custom", result)
	checkSecrets(t, "custom", result, []string{"DefaultKey", "IssuedKeys", "ToolSecretB", "ToolSecretUpstreamToken"})
	if result.findings != nil {
		t.Errorf("findings = %q", result.findings)
	}
}
