package readme

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"testing"
)

// TestDependencies compares the table in CONTRIBUTING.md with go.mod: it has a reason for each
// direct dependency, and no module that go.mod does not require.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "mod", "edit", "-json", "../../../go.mod").Output()
	if err != nil {
		t.Fatalf("go mod edit: %v", err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| \\S.* \\|$").FindAllStringSubmatch(string(page), -1) {
		listed[row[1]] = true
	}
	for _, m := range mod.Require {
		if m.Indirect {
			continue
		}
		if !listed[m.Path] {
			t.Errorf("CONTRIBUTING.md gives no reason for %s", m.Path)
		}
		delete(listed, m.Path)
	}
	for path := range listed {
		t.Errorf("CONTRIBUTING.md gives a reason for %s, which go.mod does not require", path)
	}
}
