package interop_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"sync"
	"testing"

	"serverless-mcp/internal/test/interop"
)

// scripts are the processes that run the scripts of node/, by the name of the script
// that Node starts. The tests share them, because Node takes longer to start and to
// load a client than the client takes for its requests.
var scripts = struct {
	mu      sync.Mutex
	workers map[string]*worker
	home    string // where some clients store data about servers
}{workers: map[string]*worker{}}

func TestMain(m *testing.M) {
	var err error
	if scripts.home, err = os.MkdirTemp("", "interop-"); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	for _, w := range scripts.workers {
		w.stop()
	}
	os.RemoveAll(scripts.home)
	os.Exit(code)
}

// workerOf returns the process of a script, which it starts at the first call.
func workerOf(node interop.Node, script string) (*worker, error) {
	scripts.mu.Lock()
	defer scripts.mu.Unlock()
	if w := scripts.workers[script]; w != nil {
		return w, nil
	}
	cmd := node.Command(context.Background(), script) // it outlives the test
	cmd.Env = append(cmd.Environ(), "HOME="+scripts.home)
	w, err := startWorker(cmd)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", script, err)
	}
	scripts.workers[script] = w
	return w, nil
}

// runScript has worker.mjs call a script of node/, and reads its result.
func runScript(ctx context.Context, node interop.Node, script string, request, result any) error {
	w, err := workerOf(node, "worker.mjs")
	if err != nil {
		return err
	}
	return w.request(ctx, script, request, result)
}

// worker is a process that reads requests as lines of JSON, {id, script, request}, and
// prints a line {id, result} for each, in any order.
type worker struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer  // complete when ended is closed
	ended  chan struct{} // closed at the end of the output

	mu      sync.Mutex // of the following
	stdin   io.WriteCloser
	last    int // id
	pending map[int]chan json.RawMessage
}

func startWorker(cmd *exec.Cmd) (*worker, error) {
	w := &worker{cmd: cmd, ended: make(chan struct{}), pending: map[int]chan json.RawMessage{}}
	cmd.Stderr = &w.stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if w.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go w.read(stdout)
	return w, nil
}

// read passes the results to those that wait for them, until the process ends.
func (w *worker) read(stdout io.Reader) {
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

// request sends a request and reads its result.
func (w *worker) request(ctx context.Context, script string, request, result any) error {
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

func (w *worker) send(script string, request any, result chan json.RawMessage) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	w.pending[w.last] = result
	return json.NewEncoder(w.stdin).Encode(map[string]any{"id": w.last, "script": script, "request": request})
}

// stop ends the process. Node writes its compile cache when it ends by itself.
func (w *worker) stop() {
	w.mu.Lock()
	_ = w.stdin.Close()
	w.mu.Unlock()
	<-w.ended
}
