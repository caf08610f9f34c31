package quota

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

// TestLimits creates shares in an ordinary folder, and checks the files that would configure
// a cgroup.
func TestLimits(t *testing.T) {
	for _, test := range []struct {
		name     string
		v2       bool
		memoryMB int
		want     map[string]string
	}{
		{"v1", false, 128, map[string]string{"cpu.cfs_period_us": "20000", "cpu.cfs_quota_us": "1447"}},
		{"v2", true, 1024, map[string]string{"cpu.max": "11577 20000"}},
		{"a full core", true, settings.FullCoreMB, map[string]string{"cpu.max": "20000 20000"}},
		{"the minimum of Linux", true, 64, map[string]string{"cpu.max": "1000 20000"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := Groups{folder: t.TempDir(), v2: test.v2}
			share, err := g.New(test.memoryMB)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for name := range test.want {
				text, err := os.ReadFile(filepath.Join(share.folder, name))
				if err != nil {
					t.Fatal(err)
				}
				got[name] = string(text)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("share of %d MB (-want +got):\n%s", test.memoryMB, diff)
			}
		})
	}
}

// TestOnlyCPUSet: a group that delegates only cpuset cannot limit the CPU.
func TestOnlyCPUSet(t *testing.T) {
	g := Groups{folder: t.TempDir(), v2: true}
	if err := os.WriteFile(filepath.Join(g.folder, "cgroup.subtree_control"), []byte("cpuset memory\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := g.try(); err == nil || !strings.Contains(err.Error(), "does not delegate the cpu controller") {
		t.Errorf("try: %v", err)
	}
}

// TestDetect creates a share if this machine permits it; otherwise it skips and logs the
// reason.
func TestDetect(t *testing.T) {
	g, err := Detect()
	if err != nil {
		t.Skip(err)
	}
	share, err := g.New(128)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(share.Procs()); err != nil {
		t.Error(err)
	}
	if err := share.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(share.folder); !os.IsNotExist(err) {
		t.Errorf("%s still exists", share.folder)
	}
}
