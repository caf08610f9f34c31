package lambdahost

import (
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"time"
)

// logger writes whole lines, from many processes, to one writer.
type logger struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *logger) line(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	io.WriteString(l.w, s+"\n") // a log that cannot be written has nobody to be told
}

func (l *logger) printf(format string, args ...any) { l.line(fmt.Sprintf(format, args...)) }

// initReport is the line Lambda writes when an init failed, and after every
// init that is repeated within an invoke.
func (l *logger) initReport(phase string, took time.Duration, fault *FunctionError) {
	l.printf("INIT_REPORT Init Duration: %.2f ms\tPhase: %s%s", millis(took), phase, status(fault))
}

// report is the REPORT line of one invoke. Fields that are zero are left out,
// where Lambda does so too, or where the operating system does not tell.
type report struct {
	id       string
	init     time.Duration // zero for a warm invoke
	duration time.Duration
	memoryMB int
	peakMB   int // zero where it cannot be measured
	// fault is how the process failed. An error that the function itself
	// reported is none: it runs on.
	fault *FunctionError
}

// String writes the line as Lambda does, the billed time being init and
// duration, rounded up to a millisecond.
func (r report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %.0f ms\tMemory Size: %d MB",
		r.id, millis(r.duration), math.Ceil(millis(r.init+r.duration)), r.memoryMB)
	if r.peakMB > 0 {
		fmt.Fprintf(&b, "\tMax Memory Used: %d MB", r.peakMB)
	}
	if r.init > 0 {
		fmt.Fprintf(&b, "\tInit Duration: %.2f ms", millis(r.init))
	}
	return b.String() + status(r.fault)
}

// status is the end of a report on a failure.
func status(fault *FunctionError) string {
	switch {
	case fault == nil:
		return ""
	case fault.Type == TypeTimeout:
		return "\tStatus: timeout"
	}
	return "\tStatus: error\tError Type: " + fault.Type
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
