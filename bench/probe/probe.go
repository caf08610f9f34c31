// Package probe runs one server as Lambda does and measures it from outside: the latency of
// its responses, and the CPU time and memory of its processes. The servers contain no code
// for the measurement.
package probe

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"serverless-mcp/internal/emulator/lambdahost"
)

// Options are the options of [Start]. Launcher and Command are required.
type Options struct {
	Launcher  string            // path of bench/launcher, compiled
	Command   []string          // the server's program and arguments
	Env       map[string]string // the server's own environment
	Cgroup    string            // file of a CPU share for process ids; empty means the whole machine
	MemoryMB  int               // value for the server's environment; zero means 128
	Instances int               // maximum; zero means 1
	Grace     time.Duration     // time between SIGTERM and SIGKILL; zero means lambdahost's default
	Line      func([]byte)      // called with each line of the launcher and the server; nil means no callback
}

// Probe is a server under measurement. Its methods may be called concurrently.
type Probe struct {
	function *lambdahost.Function
	line     func([]byte)

	mu    sync.Mutex
	notes []Note
}

// Start prepares a server. Its first process starts with the first call.
func Start(o Options) (*Probe, error) {
	launch, err := json.Marshal(Launch{Command: o.Command, Cgroup: o.Cgroup})
	if err != nil {
		return nil, fmt.Errorf("prepare %v: %w", o.Command, err)
	}
	env := map[string]string{LaunchVariable: string(launch)}
	for name, value := range o.Env {
		env[name] = value
	}
	p := &Probe{line: o.Line}
	p.function = lambdahost.New(lambdahost.Options{
		Name: "bench", Binary: o.Launcher, Env: env, MemoryMB: o.MemoryMB, MaxInstances: max(1, o.Instances),
		Timeout: 2 * time.Minute, InitTimeout: 2 * time.Minute, Grace: max(o.Grace, time.Millisecond), Log: (*log)(p),
	})
	return p, nil
}

// Call sends an event and returns the response and the duration.
func (p *Probe) Call(ctx context.Context, event []byte) ([]byte, time.Duration, error) {
	began := time.Now()
	response, err := p.function.Invoke(ctx, event)
	return response, time.Since(began), err
}

// Processes returns the notes of all processes so far, one per instance.
func (p *Probe) Processes() []Note {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.notes)
}

// CPU returns the CPU time of all processes since their start.
func (p *Probe) CPU() (total time.Duration, err error) {
	for _, note := range p.Processes() {
		used, err := CPU(note.PID)
		if err != nil {
			return 0, err
		}
		total += used - note.CPU
	}
	return total, nil
}

// Memory returns the resident size of all processes together, in bytes.
func (p *Probe) Memory() (total int64, err error) {
	for _, note := range p.Processes() {
		now, _, err := Memory(note.PID)
		if err != nil {
			return 0, err
		}
		total += now
	}
	return total, nil
}

// Close stops all processes.
func (p *Probe) Close() { p.function.Close() } // never fails

// log receives the server's output line by line.
type log Probe

// Write implements io.Writer.
func (l *log) Write(line []byte) (int, error) {
	if note, ok := ReadNote(line); ok {
		l.mu.Lock()
		l.notes = append(l.notes, note)
		l.mu.Unlock()
	}
	if l.line != nil {
		l.line(line)
	}
	return len(line), nil
}
