// Package childproc starts child processes that are killed when this process dies,
// and splits their output into lines.
package childproc

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// Start starts cmd and calls line, from one goroutine, for each line of its output.
// The returned channel is closed after the process and its children have exited and
// line was called for the last time; cmd.ProcessState then has the exit status.
func Start(cmd *exec.Cmd, line func(string)) (ended chan struct{}, err error) {
	out := &lines{to: line}
	cmd.Stdout, cmd.Stderr = out, out // one pipe keeps the order
	cmd.SysProcAttr = attributes()
	cmd.WaitDelay = time.Second // for children of the process that keep its output open
	started := make(chan error)
	ended = make(chan struct{})
	go func() {
		// Linux sends Pdeathsig when the thread that started the process ends, so this
		// goroutine keeps its thread until the process has exited.
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

// Environment returns variables that a process needs on this machine and not on
// AWS. Without HOME the AWS SDK finds the developer's home directory in the user
// database and would read profiles there, so both files of the SDK are set to the null device.
func Environment() map[string]string {
	env := map[string]string{
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	}
	if runtime.GOOS == "windows" {
		// Windows programs need SystemRoot for the network, and there is no /tmp as a
		// default for TEMP.
		for _, name := range []string{"SystemRoot", "TEMP", "TMP"} {
			env[name] = os.Getenv(name)
		}
		env["PATH"] = filepath.Join(os.Getenv("SystemRoot"), "System32")
	}
	return env
}

// lines splits the output of a process into lines.
type lines struct {
	to      func(string)
	partial []byte
}

// maxLine is the length at which a line is split: Lambda's limit for a log event.
const maxLine = 256 << 10

// Write implements io.Writer and never fails, because an error would close the
// process's output pipe.
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

// flush passes on the last line if it is unterminated.
func (w *lines) flush() {
	if len(w.partial) > 0 {
		w.to(string(w.partial))
		w.partial = w.partial[:0]
	}
}
