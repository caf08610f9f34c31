package journal

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// saveIn is the variable that makes this test binary save an operation in a directory, with
// a file size limit that imitates a full disk.
const saveIn = "JOURNAL_TEST_SAVE_IN"

func saveOnFullDisk(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 10, Max: 10}); err != nil {
		return err
	}
	return Dir{Path: dir}.Save(Operation{ID: "one", ARN: arn, Outcome: "replaced"})
}

// TestFullDisk: if a journal cannot be written completely, Save returns an error, the
// previous content stays, and no temporary file is left behind.
func TestFullDisk(t *testing.T) {
	if dir := os.Getenv(saveIn); dir != "" {
		fmt.Println(saveOnFullDisk(dir))
		return
	}
	d := newDir(t)
	if _, err := d.Begin(Operation{ID: "one", ARN: arn}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFullDisk$")
	cmd.Env = append(os.Environ(), saveIn+"="+d.Path)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(strings.NewReader(string(out))).ReadString('\n'); err != nil || !strings.HasPrefix(line, "write journal: ") || !strings.Contains(line, "file too large") {
		t.Errorf("Save: %q, %v; want the error of the disk", line, err)
	}
	if last, ok, err := d.Last(arn); err != nil || !ok || last.Outcome != "" {
		t.Errorf("the previous content: %+v, %v, %v", last, ok, err)
	}
	if left, err := filepath.Glob(filepath.Join(d.Path, ".journal-*")); err != nil || len(left) > 0 {
		t.Errorf("temporary files %v, %v", left, err)
	}
}
