// Command launcher becomes another program, so that every peer starts in the
// same way: within its CPU share from its first instruction on, and with a note
// of when that was and how much CPU time the process had used by then.
//
// What to run is in BENCH_LAUNCH, a [probe.Launch]; the program does not get to
// see that variable. Lambda's environment has no room for arguments, and Node
// needs some.
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

// run does not return if all goes well.
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
		if err := os.WriteFile(launch.Cgroup, []byte("0"), 0); err != nil { // 0 is the writer itself
			return fmt.Errorf("enter the CPU share: %w", err)
		}
	}
	cpu, err := probe.CPU(os.Getpid())
	if err != nil {
		return err
	}
	note := probe.Note{PID: os.Getpid(), At: time.Now().UnixNano(), CPU: cpu}
	if err := json.NewEncoder(os.Stdout).Encode(note); err != nil {
		return fmt.Errorf("tell the start: %w", err)
	}
	if err := syscall.Exec(launch.Command[0], launch.Command, environ); err != nil {
		return fmt.Errorf("start %s: %w", launch.Command[0], err)
	}
	return nil
}
