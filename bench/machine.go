package main

import (
	"os"
	"runtime"
	"strings"

	"serverless-mcp/bench/report"
)

// machine describes where the benchmark runs, as reported by Linux.
func machine() report.Machine {
	m := report.Machine{Processor: runtime.GOARCH, Go: runtime.Version(), Node: "22.23.3", Cores: runtime.NumCPU(), Before: loadAverage()}
	for line := range strings.Lines(read("/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			m.Processor = strings.TrimSpace(value)
			break
		}
	}
	m.Kernel = strings.TrimSpace(read("/proc/sys/kernel/osrelease"))
	return m
}

// loadAverage returns the load averages of 1, 5 and 15 minutes.
func loadAverage() string {
	fields := strings.Fields(read("/proc/loadavg"))
	if len(fields) < 3 {
		return "unknown"
	}
	return strings.Join(fields[:3], ", ")
}

// read returns a file's text, or "" if it cannot be read.
func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}
