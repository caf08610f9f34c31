package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/measure"
	"serverless-mcp/bench/peer"
	"serverless-mcp/bench/quota"
	"serverless-mcp/bench/report"
)

// prepare builds the peers in a new directory, which done removes.
func prepare(ctx context.Context, o peer.Options, log io.Writer) (b measure.Bench, done func(), err error) {
	root, err := filepath.Abs(".")
	if err != nil {
		return b, nil, fmt.Errorf("find the project: %w", err)
	}
	if _, err := os.Stat(filepath.Join(root, "bench", "main.go")); err != nil {
		return b, nil, errors.New("run it in the directory of go.mod: go run ./bench")
	}
	out, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return b, nil, fmt.Errorf("create a directory for the peers: %w", err)
	}
	began := time.Now()
	b.Progress = func(format string, args ...any) {
		fmt.Fprintf(log, "%4.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
	}
	b.Progress("building")
	o.Root, o.Out = root, out
	b.Set, err = peer.Build(ctx, o)
	return b, func() { os.RemoveAll(out) }, err
}

// measureAll measures the chosen parts.
func measureAll(ctx context.Context, o options, command string, log io.Writer) (report.Results, error) {
	r := report.Results{When: time.Now(), Command: command, Cold: map[int]map[string]measure.Cold{}, Warm: map[int]map[string]measure.Warm{}, Machine: machine()}
	b, done, err := prepare(ctx, peer.Options{Node: o.node, Weigh: true}, log)
	if err != nil {
		return r, err
	}
	defer done()
	if b.Groups, err = quota.Detect(); err != nil {
		r.Notices = append(r.Notices, "CPU shares by memory size: "+err.Error())
		b.Progress("no CPU shares: %v", err)
	} else {
		r.Machine.Cgroup = b.Groups.Version()
	}
	r.Peers = b.Set.Peers
	e := full()
	if o.quick {
		e = quick()
		b.Set.Peers = slices.DeleteFunc(b.Set.Peers, func(p peer.Peer) bool { return p.ID == peer.SDKBundle || p.ID == peer.ServerBundle })
		r.Peers = b.Set.Peers
	}
	for _, p := range parts() {
		if o.parts != nil && !o.parts[p.name] {
			continue
		}
		if err := p.run(ctx, b, e, &r); err != nil {
			return r, fmt.Errorf("part %s: %w", p.name, err)
		}
	}
	r.Took = time.Since(r.When)
	r.Machine.After = loadAverage()
	return r, nil
}

// check measures the ratios that --ci checks, which are valid on any machine.
func check(ctx context.Context, stdout io.Writer) error {
	b, done, err := prepare(ctx, peer.Options{}, stdout)
	if err != nil {
		return err
	}
	defer done()
	pair := slices.DeleteFunc(b.Set.Peers, func(p peer.Peer) bool { return p.ID != peer.Ours && p.ID != peer.Echo })
	cold, err := b.Cold(ctx, pair, 0, 10)
	if err != nil {
		return err
	}
	warm, err := b.Warm(ctx, pair, event.Call(event.Older), measure.Plan{WarmUp: 500, Rounds: 20, Calls: 100})
	if err != nil {
		return err
	}
	inits := map[string][]measure.Init{}
	for _, p := range pair {
		if inits[p.ID], err = b.Init(ctx, p); err != nil {
			return err
		}
	}
	var problems []error
	for _, regression := range report.Regressions(warm, cold, inits) {
		problems = append(problems, errors.New(regression))
	}
	return errors.Join(problems...)
}

// write writes the report to its file, or prints it.
func write(o options, r report.Results, stdout io.Writer) error {
	if o.quick || o.out == "-" {
		_, err := io.WriteString(stdout, r.Markdown())
		return err
	}
	if err := os.WriteFile(o.out, []byte(r.Markdown()), 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// save writes the numbers to a file.
func save(path string, r report.Results) error {
	text, err := json.Marshal(r)
	if err == nil {
		err = os.WriteFile(path, text, 0o644)
	}
	if err != nil {
		return fmt.Errorf("save the numbers: %w", err)
	}
	return nil
}

// load reads numbers that save wrote.
func load(path string) (report.Results, error) {
	var r report.Results
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return r, fmt.Errorf("load the numbers: %w", err)
	}
	return r, nil
}
