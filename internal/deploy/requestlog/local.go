package requestlog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxFile is the size at which the local server's file is rotated. Two files of at most
// this size are kept.
const maxFile = 8 << 20

// Files are the files with the local server's lines: the current file, and the previous one
// with the suffix .1. Only the user can read them.
type Files struct{ Path string }

// Recorder returns a writer that keeps lines about requests and errors and drops others. It
// expects one line a Write. An error stops the recording but not the server; Close returns
// it.
func (f Files) Recorder() *Recorder { return &Recorder{files: f} }

// A Recorder writes the files. It is safe for concurrent use.
type Recorder struct {
	files Files

	mu   sync.Mutex
	file *os.File
	size int64
	err  error
}

// Write implements [io.Writer]. It never fails.
func (r *Recorder) Write(p []byte) (int, error) {
	l, ok := parseLine(strings.TrimRight(string(p), "\r\n"), time.Time{})
	if !ok || !l.isRequest() && !l.isProblem() {
		return len(p), nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = r.append(l.Text + "\n")
	}
	return len(p), nil
}

func (r *Recorder) append(line string) error {
	if r.file != nil && r.size+int64(len(line)) > maxFile {
		if err := errors.Join(r.file.Close(), os.Rename(r.files.Path, r.files.Path+".1")); err != nil {
			return fmt.Errorf("keep the lines about requests: %w", err)
		}
		r.file = nil
	}
	if r.file == nil {
		file, err := os.OpenFile(r.files.Path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("keep the lines about requests: %w", err)
		}
		info, err := file.Stat()
		if err != nil {
			return fmt.Errorf("keep the lines about requests: %w", err)
		}
		r.file, r.size = file, info.Size()
	}
	n, err := r.file.WriteString(line)
	r.size += int64(n)
	if err != nil {
		return fmt.Errorf("keep the lines about requests: %w", err)
	}
	return nil
}

// Close closes the file. Later lines are dropped.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.err
	if r.file != nil {
		err = errors.Join(err, r.file.Close())
	}
	r.file, r.err = nil, fs.ErrClosed
	return err
}

// Lines calls do with each line of a period, the oldest file first.
func (f Files) Lines(from, to time.Time, do func(Line)) error {
	for _, path := range []string{f.Path + ".1", f.Path} {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read the local server's log: %w", err)
		}
		err = scan(file, from, to, do)
		file.Close()
		if err != nil {
			return fmt.Errorf("read the local server's log %s: %w", path, err)
		}
	}
	return nil
}

func scan(r io.Reader, from, to time.Time, do func(Line)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if l, ok := parseLine(lines.Text(), time.Time{}); ok && !l.At.Before(from) && !l.At.After(to) {
			do(l)
		}
	}
	return lines.Err()
}

// Usage returns the usage of the local server by key, tool, client or day.
func (f Files) Usage(by By, from, to time.Time, price Price) (Report, error) {
	rows, durations := map[string]*Row{}, map[string][]float64{}
	var all []float64
	var bytes float64
	err := f.Lines(from, to, func(l Line) {
		bytes += float64(len(l.Text))
		name, ok := l.group(by)
		if !ok || !l.isRequest() {
			return
		}
		ms, measured := l.Number("durationMs")
		received, _ := l.Number("bytesIn")
		sent, _ := l.Number("bytesOut")
		row(rows, name).add(l.Field("outcome"), l.requests(), ms, int64(received+sent))
		if measured {
			durations[name], all = append(durations[name], ms), append(all, ms)
		}
	})
	if err != nil {
		return Report{}, err
	}
	report := newReport(by, from, to, rows, price)
	for i := range report.Rows {
		r := &report.Rows[i]
		r.P50Ms, r.P95Ms = percentile(durations[r.Name], 50), percentile(durations[r.Name], 95)
	}
	report.Total.P50Ms, report.Total.P95Ms = percentile(all, 50), percentile(all, 95)
	report.Scanned = Scanned{Groups: []string{f.Path}, Bytes: bytes}
	return report, nil
}

// percentile returns a percentile by the nearest-rank method, or -1 if there are no values.
func percentile(values []float64, p float64) float64 {
	if len(values) == 0 {
		return -1
	}
	slices.Sort(values)
	return values[max(0, int(math.Ceil(p/100*float64(len(values))))-1)]
}
