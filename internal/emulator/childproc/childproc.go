// Package childproc runs the programs of a deployment as child processes of
// this one: none outlives us, and what they print comes line by line.
package childproc

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// Start starts cmd, whose output goes to line, from one goroutine. The channel
// is closed when the process and all that it started have ended and the last
// line is out; then cmd.ProcessState tells how.
func Start(cmd *exec.Cmd, line func(string)) (ended chan struct{}, err error) {
	out := &lines{to: line}
	cmd.Stdout, cmd.Stderr = out, out // the same pipe, so the order is kept
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = time.Second // for output held open by what the process started
	started := make(chan error)
	ended = make(chan struct{})
	go func() {
		// The process runs on an operating system thread that lives as long as
		// it does: Linux sends Pdeathsig when the thread that started it ends.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		cmd.Wait() // its result is in ProcessState
		Kill(cmd.Process)
		out.flush()
		close(ended)
	}()
	return ended, <-started
}

// Environment is what a process needs here and not on AWS. The AWS SDK finds
// the developer's home directory without HOME, by the user database, and would
// read profiles there: the two files are named, and empty.
func Environment() map[string]string {
	env := map[string]string{
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	}
	if runtime.GOOS == "windows" {
		// No program starts its network without SystemRoot, and there is no
		// /tmp to fall back on.
		for _, name := range []string{"SystemRoot", "TEMP", "TMP"} {
			env[name] = os.Getenv(name)
		}
		env["PATH"] = filepath.Join(os.Getenv("SystemRoot"), "System32")
	}
	return env
}

// lines turns the bytes of a process into lines.
type lines struct {
	to      func(string)
	partial []byte
}

// maxLine is where a line is cut: Lambda's limit for one log event.
const maxLine = 256 << 10

// Write implements io.Writer and never fails: a full log must not break the
// process's pipe.
func (w *lines) Write(p []byte) (int, error) {
	w.partial = append(w.partial, p...)
	rest := w.partial
	for {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		if !found {
			break
		}
		w.to(string(bytes.TrimSuffix(line, []byte("\r"))))
		rest = after
	}
	w.partial = append(w.partial[:0], rest...)
	if len(w.partial) > maxLine {
		w.flush()
	}
	return len(p), nil
}

// flush writes a last line that has no end.
func (w *lines) flush() {
	if len(w.partial) > 0 {
		w.to(string(w.partial))
		w.partial = w.partial[:0]
	}
}
