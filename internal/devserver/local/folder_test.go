package local_test

import (
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings"
)

func TestFolderIsPrivate(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, ".mcpctl"), 0o777); err != nil {
		t.Fatal(err)
	}
	f := local.FolderIn(root)
	for _, text := range []string{"one", "two"} {
		if err := f.Write("secret", text); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Read("secret"); got != text || err != nil {
			t.Errorf("Read = %q, %v, want %q", got, err, text)
		}
	}
	if got, err := f.Read("nothing"); got != "" || err != nil {
		t.Errorf("Read of no file = %q, %v", got, err)
	}
	left, err := os.ReadDir(string(f))
	if err != nil || len(left) != 1 {
		t.Errorf("the folder contains %v (%v), want one file", left, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for path, want := range map[string]os.FileMode{string(f): 0o700, f.Path("secret"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode().Perm(), err, want)
		}
	}
}

func TestKey(t *testing.T) {
	const mine, other = "0123456789abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba9876543210"
	f := local.FolderIn(t.TempDir())
	choose := func(apiKey string, fromEnvironment bool) local.Key {
		t.Helper()
		k, err := f.Key(settings.Settings{APIKey: apiKey, APIKeySHA256: ""}, fromEnvironment, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := f.Read("api-key")
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]string{true: k.Plain, false: ""}[k.File != ""]; kept != want {
			t.Errorf("%s: the file contains another key than the one in use", k.Source)
		}
		header, err := f.Read(local.HeaderFile)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]string{true: "x-api-key: " + k.Plain, false: ""}[k.File != ""]; header != want {
			t.Errorf("%s: the header file contains another key than the one in use", k.Source)
		}
		return k
	}
	made := choose("", false)
	if !strings.HasPrefix(made.Plain, "mcp_local_") {
		t.Errorf("the generated key does not contain the stage local")
	}
	for _, c := range []struct {
		name, setting   string
		fromEnvironment bool
		want            string
		inFile          bool
	}{
		{"again", "", false, made.Plain, true},
		{"of .env", mine, false, mine, true},
		{"of the environment", other, true, other, false},
		{"none", settings.NoKey, false, "", false},
		{"back to the one made first", "", false, made.Plain, true},
	} {
		if k := choose(c.setting, c.fromEnvironment); k.Plain != c.want || (k.File != "") != c.inFile {
			t.Errorf("%s: another key, or file %q", c.name, k.File)
		}
	}
	if err := f.Forget(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"api-key", "made-key", local.HeaderFile} {
		if text, err := f.Read(name); err != nil || text != "" {
			t.Errorf("Forget left %s", name)
		}
	}
	if k := choose("", false); k.Plain == made.Plain {
		t.Error("the key was not forgotten")
	}
}

func TestState(t *testing.T) {
	f := local.FolderIn(t.TempDir())
	if _, err := f.ReadState(); !errors.Is(err, local.ErrNotRunning) {
		t.Errorf("without a file: %v, want ErrNotRunning", err)
	}
	system, err := local.Start(local.Topology{}, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	state := local.State{URL: system.URL + "/mcp", PID: 7, Identity: system.Identity}
	if err := f.WriteState(state); err != nil {
		t.Fatal(err)
	}
	if got, err := f.ReadState(); err != nil || got != state {
		t.Errorf("ReadState = %+v, %v, want %+v", got, err, state)
	}
	if err := f.RemoveState(8); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ReadState(); err != nil {
		t.Errorf("RemoveState of another process removed the state: %v", err)
	}
	if err := system.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ReadState(); !errors.Is(err, local.ErrNotRunning) {
		t.Errorf("after the server was killed: %v, want ErrNotRunning", err)
	}
	if err := f.RemoveState(7); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(f.Path("local.json")); !os.IsNotExist(err) {
		t.Errorf("the state is still there: %v", err)
	}
	if err := f.Write("local.json", "garbage"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.ReadState(); !errors.Is(err, local.ErrNotRunning) {
		t.Errorf("with an invalid file: %v, want ErrNotRunning", err)
	}
}

// A program that listens on the ports of a killed server is not that server, and must not
// get a key.
func TestStateOfAnotherServer(t *testing.T) {
	var asked int
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		io.WriteString(w, r.FormValue("challenge"))
	}))
	defer stranger.Close()
	f := local.FolderIn(t.TempDir())
	for name, alive := range map[string]local.Identity{
		"answers anything": {URL: stranger.URL, Secret: "s"},
		"no secret":        {URL: stranger.URL},
	} {
		if err := f.WriteState(local.State{URL: stranger.URL + "/mcp", Identity: alive}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.ReadState(); !errors.Is(err, local.ErrNotRunning) {
			t.Errorf("%s: %v, want ErrNotRunning", name, err)
		}
	}
	if asked != 1 {
		t.Errorf("the foreign server got %d requests, want 1: the test proves nothing", asked)
	}
}
