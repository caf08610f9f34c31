package measure

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
	"serverless-mcp/bench/probe"
)

// Share is one line of a profile: a function, including the functions that it calls.
type Share struct {
	Name    string
	Percent string // of the total
	Amount  string // seconds or bytes, over all calls
}

// Profile returns the CPU time or allocations of warm calls of this project by function,
// including the functions that it calls.
func (b Bench) Profile(ctx context.Context, kind string, request event.Request, calls int) ([]Share, error) {
	b.Progress("profile of %s, %d calls", kind, calls)
	folder, err := os.MkdirTemp("", "bench-profile-")
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, kind+".pprof")
	env := peer.OursEnv()
	env["BENCH_"+strings.ToUpper(kind)] = file
	p, err := probe.Start(probe.Options{Launcher: b.Set.Launcher, Command: []string{b.Set.Scaled}, Grace: 10 * time.Second, Env: env})
	if err != nil {
		return nil, err
	}
	_, err = running{Probe: p}.repeat(ctx, request, calls)
	p.Close()
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	top := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-cum", "-nodecount=400", "-sample_index="+sample(kind), b.Set.Scaled, file)
	text, err := top.Output()
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	return shares(text), nil
}

// sample returns the pprof sample type.
func sample(kind string) string {
	if kind == "allocs" {
		return "alloc_space"
	}
	return "cpu"
}

// shares reads the table that pprof prints: flat, flat%, sum%, cum, cum%, name.
func shares(text []byte) []Share {
	var list []Share
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) >= 6 && strings.HasSuffix(fields[4], "%") {
			list = append(list, Share{Name: strings.Join(fields[5:], " "), Percent: fields[4], Amount: fields[3]})
		}
	}
	return list
}
