package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

// Worker is a Node process that runs scripts on request, as node/worker.mjs does: it
// reads lines of JSON, {id, script, request}, and prints a line {id, result} for each,
// in any order. Starting Node and loading a library takes longer than most requests. [Node.Work]
// starts a Worker.
type Worker struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer  // complete when ended is closed
	ended  chan struct{} // closed when the process has ended

	mu      sync.Mutex // of the following
	stdin   io.WriteCloser
	last    int // id of the last request
	pending map[int]chan json.RawMessage
}

// Work starts a worker script, with additional environment variables. Close ends it.
func (n Node) Work(script string, env ...string) (*Worker, error) {
	cmd := n.Command(context.Background(), script)
	cmd.Env = append(cmd.Env, env...)
	w := &Worker{cmd: cmd, ended: make(chan struct{}), pending: map[int]chan json.RawMessage{}}
	cmd.Stderr = &w.stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if w.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", script, err)
	}
	go w.read(stdout)
	return w, nil
}

// read passes the results to the waiting calls of Run until the process ends.
func (w *Worker) read(stdout io.Reader) {
	defer close(w.ended)
	for lines := json.NewDecoder(stdout); ; {
		var line struct {
			ID     int
			Result json.RawMessage
		}
		if err := lines.Decode(&line); err != nil {
			if !errors.Is(err, io.EOF) {
				_ = w.cmd.Process.Kill() // the line is not a result
			}
			_ = w.cmd.Wait()
			return
		}
		w.mu.Lock()
		result := w.pending[line.ID]
		delete(w.pending, line.ID)
		w.mu.Unlock()
		if result != nil {
			result <- line.Result
		}
	}
}

// Run makes the process run a script, given without .mjs, and reads the result. If the
// process has ended, the error contains its standard error.
func (w *Worker) Run(ctx context.Context, script string, request, result any) error {
	got := make(chan json.RawMessage, 1)
	if err := w.send(script, request, got); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", script, ctx.Err())
	case <-w.ended:
		return fmt.Errorf("%s: the process ended: %s", script, &w.stderr)
	case data := <-got:
		return json.Unmarshal(data, result)
	}
}

func (w *Worker) send(script string, request any, result chan json.RawMessage) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	w.pending[w.last] = result
	return json.NewEncoder(w.stdin).Encode(map[string]any{"id": w.last, "script": script, "request": request})
}

// Close closes the process's input, and kills the process if it has not exited after a
// minute. Node writes its compile cache only when it exits by itself.
func (w *Worker) Close() {
	late := time.AfterFunc(time.Minute, func() { _ = w.cmd.Process.Kill() })
	defer late.Stop()
	w.mu.Lock()
	_ = w.stdin.Close()
	w.mu.Unlock()
	<-w.ended
}
