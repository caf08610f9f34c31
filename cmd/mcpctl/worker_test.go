package main

import (
	"bytes"
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// commandLine is a command line of a script for its worker.
type commandLine struct {
	Args    []string // the first is the program: mcpctl or mcpctl-quick
	Environ []string
	Dir     string
	Stdin   string
}

// result is what a command line printed, and its exit code.
type result struct {
	Stdout, Stderr string
	Code           int
}

// worker is a process that runs the command lines of a script, one after the other, and
// then those of another script. Starting mcpctl takes 0.1 s of CPU time, ten times as long
// as most of the 500 command lines take.
type worker struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	lines   *gob.Encoder
	results *gob.Decoder
	proxies string // net/http reads these variables once
}

// idle are the workers of scripts that have ended.
var idle struct {
	sync.Mutex
	workers []*worker
}

// workerKey is the key of a script's *[scriptWorker] among its values.
type workerKey struct{}

// scriptWorker is the worker of a script, nil before its first command line.
type scriptWorker struct{ *worker }

// addWorker gives a script a worker, with its first command line.
func addWorker(env *testscript.Env) {
	own := &scriptWorker{}
	env.Values[workerKey{}] = own
	env.Defer(func() {
		if own.worker != nil {
			idle.Lock()
			defer idle.Unlock()
			idle.workers = append(idle.workers, own.worker)
		}
	})
}

// take gives the script an idle worker, or starts one. A worker serves only scripts with
// the same proxies.
func (s *scriptWorker) take(proxies string) (err error) {
	if s.worker != nil {
		return nil
	}
	idle.Lock()
	if i := slices.IndexFunc(idle.workers, func(w *worker) bool { return w.proxies == proxies }); i >= 0 {
		s.worker = idle.workers[i]
		idle.workers = slices.Delete(idle.workers, i, i+1)
	}
	idle.Unlock()
	if s.worker == nil {
		s.worker, err = startWorker()
	}
	if err == nil {
		s.proxies = proxies
	}
	return err
}

// stopWorkers ends the workers after the last script.
func stopWorkers() {
	idle.Lock()
	defer idle.Unlock()
	for _, w := range idle.workers {
		w.stdin.Close()
		_ = w.cmd.Wait()
	}
	idle.workers = nil
}

// runHere [-stdin FILE] PROGRAM ARGUMENT... is like exec, for mcpctl and mcpctl-quick, but
// runs them in the script's worker. Their standard input is the file, or empty.
func runHere(ts *testscript.TestScript, neg bool, args []string) {
	own := ts.Value(workerKey{}).(*scriptWorker)
	ts.Check(own.take(ts.Getenv("HTTP_PROXY") + " " + ts.Getenv("HTTPS_PROXY")))
	line := commandLine{Args: args, Environ: append(environ(ts), "PWD="+ts.MkAbs(".")), Dir: ts.MkAbs(".")}
	if len(args) > 2 && args[0] == "-stdin" {
		line.Args, line.Stdin = args[2:], ts.ReadFile(args[1])
	}
	got, err := own.run(line)
	if err != nil {
		own.worker = nil // it has ended
		ts.Check(err)
	}
	fmt.Fprint(ts.Stdout(), got.Stdout)
	fmt.Fprint(ts.Stderr(), got.Stderr)
	if (got.Code != 0) != neg {
		ts.Fatalf("exit code %d", got.Code)
	}
}

// environ returns the environment of a script. Package testscript returns single
// variables only.
func environ(ts *testscript.TestScript) []string {
	var all []string
	for _, variable := range reflect.ValueOf(ts).Elem().FieldByName("env").Seq2() {
		all = append(all, variable.String())
	}
	return all
}

func startWorker() (*worker, error) {
	cmd := exec.Command("mcpctl-worker")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &worker{cmd: cmd, stdin: in, lines: gob.NewEncoder(in), results: gob.NewDecoder(out)}, nil
}

// run runs a command line.
func (w *worker) run(line commandLine) (got result, err error) {
	if err = w.lines.Encode(line); err == nil {
		err = w.results.Decode(&got)
	}
	if err != nil {
		err = fmt.Errorf("the worker ended: %w", err)
	}
	return got, err
}

// work is the main function of mcpctl-worker, the process of a [worker]: it reads command
// lines from standard input until the tests end.
func work() {
	lines, results := make(chan commandLine), gob.NewEncoder(os.Stdout)
	go func() {
		decoder := gob.NewDecoder(os.Stdin)
		for {
			var line commandLine
			if decoder.Decode(&line) != nil {
				os.Exit(0) // also during a command line that does not end
			}
			lines <- line
		}
	}()
	for line := range lines {
		got, err := line.run()
		if err == nil {
			err = results.Encode(got)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "mcpctl-worker:", err)
			os.Exit(1)
		}
	}
}

// run runs a command line as a process would: in the script's folder, and with its
// environment, which the AWS SDK and child processes read.
func (l commandLine) run() (result, error) {
	if err := os.Chdir(l.Dir); err != nil {
		return result{}, err
	}
	os.Clearenv()
	for _, variable := range l.Environ {
		if name, value, ok := strings.Cut(variable, "="); ok && name != "" {
			if err := os.Setenv(name, value); err != nil {
				return result{}, err
			}
		}
	}
	var stdout, stderr bytes.Buffer
	env := &cli.Env{Dir: ".", Environ: os.Environ(), Stdin: strings.NewReader(l.Stdin), Stdout: &stdout, Stderr: &stderr}
	switch l.Args[0] {
	case "mcpctl":
	case "mcpctl-quick":
		env.Clock = quickClock()
	default:
		return result{}, fmt.Errorf("no program %q", l.Args[0])
	}
	code := run(context.Background(), l.Args[1:], env)
	return result{Stdout: stdout.String(), Stderr: stderr.String(), Code: code}, nil
}
