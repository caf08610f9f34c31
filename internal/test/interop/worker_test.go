package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"testing"

	"serverless-mcp/internal/test/interop"
)

// worker is a script that makes requests one after another, because Node takes longer
// to start and to load a client than the client takes for a request. The script reads
// each request as a line of JSON and prints its result as another.
type worker struct {
	cmd    *exec.Cmd
	start  func() error // once, at the first request
	stdin  io.WriteCloser
	stdout *json.Decoder
	stderr bytes.Buffer // complete when the process has ended
}

// newWorker returns a worker that ends with the test. The caller may change cmd before
// the first request.
func newWorker(t *testing.T, node interop.Node, script string, arguments ...string) *worker {
	// Not the context of the test: Node writes its compile cache when it ends by itself.
	w := &worker{cmd: node.Command(context.WithoutCancel(t.Context()), script, arguments...)}
	w.cmd.Stderr = &w.stderr
	w.start = sync.OnceValue(func() error {
		stdout, err := w.cmd.StdoutPipe()
		if err != nil {
			return err
		}
		if w.stdin, err = w.cmd.StdinPipe(); err != nil {
			return err
		}
		w.stdout = json.NewDecoder(stdout)
		if err := w.cmd.Start(); err != nil {
			return fmt.Errorf("start %s: %w", script, err)
		}
		t.Cleanup(func() {
			w.stdin.Close()
			_ = w.cmd.Wait()
		})
		return nil
	})
	return w
}

// request sends a request and reads its result. When ctx ends, so does the process.
func (w *worker) request(ctx context.Context, request, result any) error {
	if err := w.start(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = w.cmd.Process.Kill() })
	defer stop()
	err := json.NewEncoder(w.stdin).Encode(request)
	if err == nil {
		err = w.stdout.Decode(result)
	}
	if err != nil {
		_ = w.cmd.Process.Kill()
		_ = w.cmd.Wait()
		return fmt.Errorf("%w: %s", err, &w.stderr)
	}
	return nil
}
