package childproc_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/childproc"
)

// TestMain runs the test binary as the child if CHILDPROC_TEST is set.
func TestMain(m *testing.M) {
	switch os.Getenv("CHILDPROC_TEST") {
	case "":
		os.Exit(m.Run())
	case "print":
		fmt.Print("one\ntw")
		fmt.Print("o\r\n\nlast")
		fmt.Fprint(os.Stderr, ", and an error")
		os.Exit(3)
	case "long":
		fmt.Print(strings.Repeat("x", 300<<10))
	case "hold":
		select {}
	}
}

// run runs the child until it exits and returns its lines.
func run(t *testing.T, what string, meanwhile func(*exec.Cmd)) (lines []string, cmd *exec.Cmd) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CHILDPROC_TEST="+what)
	ended, err := childproc.Start(cmd, func(line string) { lines = append(lines, line) })
	if err != nil {
		t.Fatal(err)
	}
	meanwhile(cmd)
	<-ended
	return lines, cmd
}

func nothing(*exec.Cmd) {}

func TestLines(t *testing.T) {
	lines, cmd := run(t, "print", nothing)
	if diff := cmp.Diff([]string{"one", "two", "", "last, and an error"}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if got := cmd.ProcessState.ExitCode(); got != 3 {
		t.Errorf("exit code %d, want 3", got)
	}
}

func TestLongLineIsSplit(t *testing.T) {
	lines, _ := run(t, "long", nothing)
	total := 0
	for _, line := range lines {
		total += len(line)
	}
	if len(lines) != 2 || total != 300<<10 {
		t.Errorf("%d lines with %d bytes in total, want 2 lines with all bytes", len(lines), total)
	}
}

func TestKillAndTerminate(t *testing.T) {
	for name, end := range map[string]func(*os.Process){"killed": childproc.Kill, "terminated": childproc.Terminate} {
		_, cmd := run(t, "hold", func(c *exec.Cmd) { end(c.Process) })
		if got := cmd.ProcessState.String(); runtime.GOOS != "windows" && !strings.Contains(got, name) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestNoSuchProgram(t *testing.T) {
	if _, err := childproc.Start(exec.Command("/nonexistent"), func(string) {}); err == nil {
		t.Error("started")
	}
}
