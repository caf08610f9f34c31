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
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// commandLine is a command line of a script for its worker.
type commandLine struct {
	Args    []string // the first is the program: mcpctl or mcpctl-quick
	Environ []string
	Dir     string
}

// result is what a command line printed, and its exit code.
type result struct {
	Stdout, Stderr string
	Code           int
}

// worker is a process that runs the command lines of a script, one after the other. To
// start mcpctl takes 0.1 s of CPU time, ten times as long as most of the 500 command
// lines take.
type worker struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	lines   *gob.Encoder
	results *gob.Decoder
}

// workerKey is the key of a script's worker among its values.
type workerKey struct{}

// addWorker gives a script its worker, which starts with the first command line.
func addWorker(env *testscript.Env) {
	w := &worker{}
	env.Values[workerKey{}] = w
	env.Defer(w.stop)
}

// runHere PROGRAM ARGUMENT... is like exec, for mcpctl and mcpctl-quick, but runs them in
// the script's worker. Their standard input is empty.
func runHere(ts *testscript.TestScript, neg bool, args []string) {
	w := ts.Value(workerKey{}).(*worker)
	ts.Check(w.start())
	got, err := w.run(commandLine{Args: args, Environ: append(environ(ts), "PWD="+ts.MkAbs(".")), Dir: ts.MkAbs(".")})
	ts.Check(err)
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

// start starts the worker, unless it runs.
func (w *worker) start() error {
	if w.cmd != nil {
		return nil
	}
	cmd := exec.Command("mcpctl-worker")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	w.cmd, w.stdin, w.lines, w.results = cmd, in, gob.NewEncoder(in), gob.NewDecoder(out)
	return nil
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

func (w *worker) stop() {
	if w.cmd != nil {
		w.stdin.Close()
		_ = w.cmd.Wait()
	}
}

// work is the program mcpctl-worker: a [worker] at the other end of standard input and
// output. It ends when the script does.
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

// run runs a command line as a process would: in its folder and its environment, in
// which the AWS SDK and child processes look.
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
	env := &cli.Env{Dir: ".", Environ: os.Environ(), Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr}
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
