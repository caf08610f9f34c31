package lambdahost_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// otherUser is the uid of the attack: the user "nobody" of all Linux systems.
const otherUser = 65534

// TestAnotherUser: another user of the machine sees the port in /proc/net/tcp, and
// can neither learn the secret from /proc nor use the Runtime API.
func TestAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can start a process of another user")
	}
	program := worldReadable(t)
	asNobody := func(cmd *exec.Cmd) {
		cmd.Dir = filepath.Dir(program)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: otherUser, Gid: otherUser}}
	}
	b := beginInvoke(t)
	port, secret, _ := strings.Cut(b.api, "/")
	for _, line := range runAttack(t, asNobody, program, port, b.id) {
		if !strings.HasPrefix(line, "uid 65534: 404 ") {
			t.Errorf("%s, want 404 for uid 65534", line)
		}
	}
	search := exec.CommandContext(t.Context(), "grep", "-las", "-f", "-", "-r", "/proc", "--include=cmdline", "--include=environ", "--include=tcp")
	asNobody(search)
	search.Dir, search.Stdin = "/", strings.NewReader(secret+"\n") // an argument would appear in grep's own /proc/PID/cmdline
	if out, _ := search.Output(); len(bytes.TrimSpace(out)) > 0 {  // grep also exits with 1 if it finds nothing
		t.Errorf("another user finds the secret in %s", out)
	}
	b.finish()
	if got := <-b.response; strings.Contains(got, "isAuthorized") {
		t.Errorf("the caller received the forged response: %s", got)
	}
}
