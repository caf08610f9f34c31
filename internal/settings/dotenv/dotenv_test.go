package dotenv_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings/dotenv"
)

// project writes files, by slash-separated path, into a new folder.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadFindsTheFile(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  map[string]string
	}{
		{"next to cdk.json", map[string]string{"p/cdk.json": "", "p/.env": "STAGE=top", "p/a/b/x": ""}, map[string]string{"STAGE": "top"}},
		{"the nearest wins", map[string]string{"p/cdk.json": "", "p/.env": "STAGE=top", "p/a/.env": "STAGE=near", "p/a/b/x": ""}, map[string]string{"STAGE": "near"}},
		{"not above cdk.json", map[string]string{".env": "STAGE=stranger", "p/cdk.json": "", "p/a/b/x": ""}, map[string]string{}},
		{"a folder is not a file", map[string]string{"p/cdk.json": "", "p/.env": "STAGE=top", "p/a/.env/x": "", "p/a/b/x": ""}, map[string]string{"STAGE": "top"}},
		{"no project", map[string]string{"p/.env": "STAGE=stranger", "p/a/b/x": ""}, map[string]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := project(t, c.files)
			got, notes, err := dotenv.Load(filepath.Join(dir, "p", "a", "b"), nil)
			if err != nil || notes != nil {
				t.Fatalf("Load: %v, %v", notes, err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestEnvironmentWins(t *testing.T) {
	dir := project(t, map[string]string{"cdk.json": "", ".env": "API_KEY=hunter2\nSTAGE=dev\nAWS_PROFILE=p\nMEMORY_MB=256"})
	got, notes, err := dotenv.Load(dir, []string{
		"API_KEY=hunter3", "STAGE=dev", "TOOL_SECRET_X=a=b", "AWS_PROFILE=q", "AWS_REGION=eu-west-1", "PATH=/bin", "broken",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"API_KEY": "hunter3", "STAGE": "dev", "TOOL_SECRET_X": "a=b", "AWS_PROFILE": "p", "MEMORY_MB": "256"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("values (-want +got):\n%s", d)
	}
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "API_KEY is set in ") || strings.Contains(notes[0], "hunter") {
		t.Errorf("notes = %q, want one, on API_KEY, without its values", notes)
	}
}

func TestLoadNamesTheLine(t *testing.T) {
	dir := project(t, map[string]string{"cdk.json": "", ".env": "A=1\nnonsense"})
	_, _, err := dotenv.Load(dir, nil)
	if err == nil || !strings.Contains(err.Error(), filepath.Join(dir, ".env")+": line 2: need NAME=value") {
		t.Errorf("got %v, want the file and the line", err)
	}
}

func TestRoot(t *testing.T) {
	dir := project(t, map[string]string{"p/cdk.json": "", "p/a/x": "", "q/x": ""})
	if got, err := dotenv.Root(filepath.Join(dir, "p", "a")); err != nil || got != filepath.Join(dir, "p") {
		t.Errorf("Root = %q, %v", got, err)
	}
	if _, err := dotenv.Root(filepath.Join(dir, "q")); !errors.Is(err, dotenv.ErrNoProject) {
		t.Errorf("Root outside a project: %v, want ErrNoProject", err)
	}
}

// A file with a secret that other users can read is noted, without the value.
func TestLoadNotesExposedSecrets(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such permissions")
	}
	for _, c := range []struct {
		text string
		mode os.FileMode
		want bool
	}{
		{"API_KEY=0123456789\n", 0o644, true},
		{"API_KEY=0123456789\n", 0o640, true},
		{"API_KEY=0123456789\n", 0o600, false},
		{"TOOL_SECRET_TOKEN=0123456789\n", 0o604, true},
		{"API_KEY=none\nTOOL_UNIT=0123456789\n", 0o644, false},
		{"API_KEY=\n", 0o644, false},
	} {
		dir := filepath.Join(t.TempDir(), "it's a folder")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"cdk.json": "{}", ".env": c.text} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(filepath.Join(dir, ".env"), c.mode); err != nil {
			t.Fatal(err)
		}
		_, notes, err := dotenv.Load(dir, []string{"API_KEY=of-the-environment"})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(notes, "\n")
		if got := strings.Contains(text, "chmod 600"); got != c.want || strings.Contains(text, "0123456789") {
			t.Errorf("%q with %o: notes %q, want a note: %t", c.text, c.mode, text, c.want)
		}
		if c.want && !strings.Contains(text, `/it'\''s a folder/.env'`) {
			t.Errorf("note %q: want a path that a shell takes as one argument", text)
		}
	}
}
