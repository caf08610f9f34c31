package interop_test

import (
	"context"
	"log"
	"os"
	"sync"
	"testing"

	"serverless-mcp/internal/test/interop"
)

// scripts has the processes that run the scripts of node/, by the name of the script that
// Node starts. The tests share them, because starting Node and loading a client takes longer
// than the client's requests.
var scripts = struct {
	mu      sync.Mutex
	workers map[string]*interop.Worker
	home    string // where some clients store data about servers
}{workers: map[string]*interop.Worker{}}

func TestMain(m *testing.M) {
	var err error
	if scripts.home, err = os.MkdirTemp("", "interop-"); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	for _, w := range scripts.workers {
		w.Close()
	}
	os.RemoveAll(scripts.home)
	os.Exit(code)
}

// workerOf returns the process of a script, and starts it at the first call.
func workerOf(node interop.Node, script string) (*interop.Worker, error) {
	scripts.mu.Lock()
	defer scripts.mu.Unlock()
	if w := scripts.workers[script]; w != nil {
		return w, nil
	}
	w, err := node.Work(script, "HOME="+scripts.home)
	if err != nil {
		return nil, err
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
	return w.Run(ctx, script, request, result)
}
