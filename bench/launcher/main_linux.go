// Command launcher replaces itself with another program, so that every peer starts in the
// same way: within its CPU share from the first instruction, and after a line that reports
// the time and the CPU time used so far.
//
// BENCH_LAUNCH contains a [probe.Launch]; the launcher removes the variable from the
// program's environment. The command line is in a variable because Lambda starts programs
// without arguments, and Node needs arguments.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"serverless-mcp/bench/probe"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "launcher:", err)
		os.Exit(1)
	}
}

// run returns only on an error.
func run() error {
	var launch probe.Launch
	if err := json.Unmarshal([]byte(os.Getenv(probe.LaunchVariable)), &launch); err != nil {
		return fmt.Errorf("read %s: %w", probe.LaunchVariable, err)
	}
	var environ []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, probe.LaunchVariable+"=") {
			environ = append(environ, variable)
		}
	}
	if launch.Cgroup != "" {
		if err := os.WriteFile(launch.Cgroup, []byte("0"), 0); err != nil { // 0 means the writing process
			return fmt.Errorf("enter the CPU share: %w", err)
		}
	}
	cpu, err := probe.CPU(os.Getpid())
	if err != nil {
		return err
	}
	note := probe.Note{PID: os.Getpid(), At: time.Now().UnixNano(), CPU: cpu}
	if err := json.NewEncoder(os.Stdout).Encode(note); err != nil {
		return fmt.Errorf("report the start: %w", err)
	}
	if err := syscall.Exec(launch.Command[0], launch.Command, environ); err != nil {
		return fmt.Errorf("start %s: %w", launch.Command[0], err)
	}
	return nil
}
