package journal

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
)

// lockIn is the variable that makes this test binary lock a function in a directory until
// its input ends.
const lockIn = "JOURNAL_TEST_LOCK_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(lockIn); dir != "" {
		if _, err := (Dir{Path: dir}).Lock(arn); err != nil {
			os.Stdout.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Stdout.WriteString("locked\n")
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	os.Exit(m.Run())
}

func TestLock(t *testing.T) {
	d := newDir(t)
	release, err := d.Lock(arn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Lock(arn); !errors.Is(err, ErrLocked) {
		t.Errorf("a second lock: %v, want ErrLocked", err)
	}
	if also, err := d.Lock(other); err != nil {
		t.Errorf("another function: %v", err)
	} else {
		also()
	}
	release()
	if again, err := d.Lock(arn); err != nil {
		t.Errorf("after the release: %v", err)
	} else {
		again()
	}
	if _, err := d.Lock("orders"); err == nil {
		t.Error("locked something that is not an ARN")
	}
}

// TestLockOfAProcess: a lock holds until its process is killed.
func TestLockOfAProcess(t *testing.T) {
	d := newDir(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = append(os.Environ(), lockIn+"="+d.Path)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "locked\n" {
		t.Fatalf("the other process: %q, %v", line, err)
	}
	if _, err := d.Lock(arn); !errors.Is(err, ErrLocked) {
		t.Errorf("while the other process holds the lock: %v, want ErrLocked", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // the error is that it was killed
	release, err := d.Lock(arn)
	if err != nil {
		t.Fatalf("after the other process was killed: %v", err)
	}
	release()
}
