package hostile

import (
	"encoding/json"
	"sync"
	"testing"
	"time"
)

// logVolume measures what the server writes to its log.
type logVolume struct {
	mu            sync.Mutex
	served        int            // lines about requests that were served
	servedBytes   int            // their bytes
	rest          int            // bytes of all other lines
	ids           map[string]int // lines by request id
	rejected, sum int            // lines about requests that were rejected, and how many requests they stand for
}

// logLine has the fields of a log line that the test reads.
type logLine struct {
	Message, Address, Outcome, RequestID string
	Count                                int
}

// add adds a line.
func (w *logVolume) add(text []byte) (line logLine) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if json.Unmarshal(text, &line) == nil && line.Message == "mcp request" {
		if w.ids == nil {
			w.ids = map[string]int{}
		}
		switch line.Outcome {
		case "ok", "tool error", "error", "timeout", "cancelled", "disconnected":
			if line.Count > 0 {
				break // stands for several requests that failed before their message was read
			}
			w.ids[line.RequestID]++
			w.served++
			w.servedBytes += len(text) + 1
			return line
		}
		w.rejected++
		w.sum += line.Count
	}
	w.rest += len(text) + 1
	return line
}

// bytes returns the bytes of all lines.
func (w *logVolume) bytes() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.servedBytes + w.rest
}

// check checks the log of a load that lasted for took.
//
// A served request has one line of at most 512 bytes, so that the operator can read who
// called what. The number of these lines depends on the machine, so only their length is
// limited. Rejected requests share lines: one a second for each reason and key. The attacks
// have about 30 reasons; at less than 400 bytes a line that is 12 KB a second, however fast
// the machine rejects requests.
func (w *logVolume) check(t *testing.T, took time.Duration) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	t.Logf("log: %d lines of %d bytes about served requests; %d bytes in %v of the rest, of which %d lines stand for %d rejected requests",
		w.served, w.servedBytes, w.rest, took.Round(time.Second), w.rejected, w.sum)
	if limit := w.served * 512; w.servedBytes > limit {
		t.Errorf("%d lines about served requests have %d bytes, want at most %d", w.served, w.servedBytes, limit)
	}
	for id, n := range w.ids {
		if n > 1 {
			t.Errorf("request %q has %d lines", id, n)
			break
		}
	}
	if limit := int(took.Seconds()+1) * 12 << 10; w.rest > limit {
		t.Errorf("%d bytes of log about rejected requests and others, want at most %d", w.rest, limit)
	}
	if w.rejected == 0 || w.sum < 2*w.rejected {
		t.Errorf("%d lines stand for %d rejected requests", w.rejected, w.sum)
	}
}
