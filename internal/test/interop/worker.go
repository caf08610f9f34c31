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
// in any order. Node takes longer to start and to load a library than most requests
// take. [Node.Work] starts one.
type Worker struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer  // complete when ended is closed
	ended  chan struct{} // closed at the end of the output

	mu      sync.Mutex // of the following
	stdin   io.WriteCloser
	last    int // id
	pending map[int]chan json.RawMessage
}

// Work starts a script that is a worker, with more environment variables. Close ends it.
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

// read passes the results to those that wait for them, until the process ends.
func (w *Worker) read(stdout io.Reader) {
	defer close(w.ended)
	for lines := json.NewDecoder(stdout); ; {
		var line struct {
			ID     int
			Result json.RawMessage
		}
		if err := lines.Decode(&line); err != nil {
			if !errors.Is(err, io.EOF) {
				_ = w.cmd.Process.Kill() // it printed something else
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

// Run has the process run a script, named without .mjs, and reads its result. Its error
// has what the process has printed to its standard error, if it has ended.
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

// Close ends the process, which has a minute for that. Node writes its compile cache
// when it ends by itself.
func (w *Worker) Close() {
	late := time.AfterFunc(time.Minute, func() { _ = w.cmd.Process.Kill() })
	defer late.Stop()
	w.mu.Lock()
	_ = w.stdin.Close()
	w.mu.Unlock()
	<-w.ended
}
