package probe

import (
	"encoding/json"
	"strings"
	"time"
)

// LaunchVariable is the environment variable that contains a [Launch].
const LaunchVariable = "BENCH_LAUNCH"

// Launch is the input of bench/launcher.
type Launch struct {
	Command []string // program and arguments
	Cgroup  string   `json:",omitempty"` // file for process ids; empty means no CPU share
}

// Note is the line that bench/launcher writes before it becomes the peer.
type Note struct {
	PID int           `json:"launchedPID"`
	At  int64         `json:"at"`  // Unix time in nanoseconds
	CPU time.Duration `json:"cpu"` // used by the launcher itself
}

// ReadNote parses a line of a function's log; ok is false if the line is not a note.
func ReadNote(line []byte) (Note, bool) {
	var n Note
	if !strings.HasPrefix(string(line), `{"launchedPID":`) || json.Unmarshal(line, &n) != nil {
		return Note{}, false
	}
	return n, true
}
