package clone

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/test/golden"
	"serverless-mcp/internal/test/poll"
	"serverless-mcp/internal/test/project"
	"serverless-mcp/internal/test/readme"
)

// TestReadme runs every marked command of the README in a clone against mcpctl
// local, and compares the output with the README.
func TestReadme(t *testing.T) {
	if _, err := os.Stat(filepath.Join(project.Root, "tools", "calculate.go")); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the sample tools have been deleted")
	}
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the README's commands are for a POSIX shell")
	}
	page, err := readme.Read(filepath.Join(project.Root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	clone, address := serveClone(t)
	commands := page.All("run")
	if len(commands) < 4 {
		t.Errorf("README.md has %d commands to run, want at least 4", len(commands))
	}
	for _, c := range commands {
		command := strings.ReplaceAll(c.Texts[0], "127.0.0.1:8080", address)
		out, err := project.Output(exec.Command("sh", "-c", command), clone)
		if err != nil {
			t.Errorf("%s: %v\n%s", c.Name, err, out)
		}
		out = strings.ReplaceAll(strings.TrimRight(out, "\n")+"\n", address, "127.0.0.1:8080")
		if golden.Update() {
			page.Replace(c, 1, out)
		} else if d := cmp.Diff(c.Texts[1], out); d != "" {
			t.Errorf("%s: the output differs; run with -update (-README +printed):\n%s", c.Name, d)
		}
	}
	if golden.Update() {
		if err := page.Write(); err != nil {
			t.Fatal(err)
		}
	}
}

// serveClone runs mcpctl local in a fresh copy of the project, and returns the
// copy's directory and the server's address.
func serveClone(t *testing.T) (dir, address string) {
	t.Helper()
	dir = project.Copy(t, "served")
	if err := project.Prebuild(dir, "deployed"); err != nil { // the README's output is not that of a first start
		t.Fatal(err)
	}
	program, err := project.Program(project.Root, "./cmd/mcpctl") // from the copy, the same program would be linked again
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "local", "--listen", "127.0.0.1:0")
	cmd.Dir = dir
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := cmd.Wait(); err != nil {
			t.Errorf("mcpctl local: %v\n%s", err, log.String())
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		<-ended
	})
	state := local.FolderIn(dir).Path("local.json")
	poll.Until(t, "the server to start", func() bool { // with an empty cache it compiles for minutes first
		select {
		case <-ended:
			return true // the next step fails
		default:
			_, err := os.Stat(state)
			return err == nil
		}
	})
	data, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	var s local.State
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return dir, regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(s.URL)
}
