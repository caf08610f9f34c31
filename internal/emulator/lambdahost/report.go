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
	io.WriteString(l.w, s+"\n") // there is nowhere to report a log that cannot be written
}

func (l *logger) printf(format string, args ...any) { l.line(fmt.Sprintf(format, args...)) }

// initReport writes the line that Lambda writes after a failed init and after
// every init that is repeated within an invoke.
func (l *logger) initReport(phase string, took time.Duration, fault *FunctionError) {
	l.printf("INIT_REPORT Init Duration: %.2f ms\tPhase: %s%s", millis(took), phase, status(fault))
}

// report is the REPORT line of one invoke. It omits zero fields, as Lambda does,
// and values that the operating system does not provide.
type report struct {
	id       string
	init     time.Duration // zero for a warm invoke
	duration time.Duration
	memoryMB int
	peakMB   int // zero where it cannot be measured
	// fault is how the process failed. An error that the function reported is not
	// a fault, as the process continues.
	fault *FunctionError
}

// String returns the line as Lambda writes it. The billed time is the sum of init
// and duration, rounded up to a millisecond.
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

// status returns the end of a report line: empty without a fault.
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
