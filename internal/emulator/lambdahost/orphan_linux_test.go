package lambdahost_test

import (
	"os"
	"os/exec"
	"testing"
)

// TestKilledParent: no process survives its host, even if the host is killed while
// the process is busy.
func TestKilledParent(t *testing.T) {
	line := listen(t)
	self := exec.Command(os.Args[0])
	self.Env = append(os.Environ(), "LAMBDAHOST_TEST_PARENT="+line.address(), "LAMBDAHOST_TEST_BINARY="+binary)
	if err := self.Start(); err != nil {
		t.Fatal(err)
	}
	defer self.Wait()
	conn := line.accept()
	self.Process.Kill()
	line.waitForEnd(conn)
}
