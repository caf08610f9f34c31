package connect_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"serverless-mcp/internal/clients/connect"
)

// TestRepositoryOverHome: people keep their settings in repositories whose
// folder is not above the files.
func TestRepositoryOverHome(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	run := func(ctx context.Context, name string, args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
		return string(out), err
	}
	git := func(args ...string) {
		t.Helper()
		if out, err := run(t.Context(), "git", args...); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	for _, c := range []struct {
		name, dir string
		worktree  bool // set core.worktree, as yadm and vcsh do
		commit    bool // commit a file, so that there is an index
		ignored   bool
		want      bool
	}{
		{"bare", ".dotfiles", false, true, false, true},
		{"bare", ".cfg", false, true, false, true},
		{"bare, anywhere", "settings.git", false, true, false, true},
		{"yadm", ".local/share/yadm/repo.git", true, true, false, true},
		{"older yadm", ".config/yadm/repo.git", true, true, false, true},
		{"vcsh", ".config/vcsh/repo.d/zed.git", true, true, false, true},
		{"a folder with core.worktree", ".dotfiles/.git", true, true, false, true},
		{"a server's repository", "project.git", false, false, false, false},
		{"a project's", "project/.git", false, false, false, false},
		{"ignored", ".dotfiles", false, true, true, false},
	} {
		home := t.TempDir()
		dir := filepath.Join(home, filepath.FromSlash(c.dir))
		git("init", "-q", "--bare", dir)
		if c.worktree {
			git("--git-dir="+dir, "config", "core.bare", "false")
			git("--git-dir="+dir, "config", "core.worktree", home)
		}
		write := func(name, text string) string {
			path := filepath.Join(home, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		path := write(".config/zed/settings.json", "{}")
		if c.ignored {
			write(".gitignore", "*\n")
		} else if c.commit {
			git("--git-dir="+dir, "--work-tree="+home, "add", path)
		}
		if c.ignored {
			git("--git-dir="+dir, "--work-tree="+home, "add", "-f", filepath.Join(home, ".gitignore"))
		}
		r := connect.Repositories{Home: home, Run: run}
		if got := r.Tracking(path); (got != "") != c.want {
			t.Errorf("%s in %s: tracked by %q, want %t", c.name, c.dir, got, c.want)
		}
	}
}
