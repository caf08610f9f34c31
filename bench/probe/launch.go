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

// ReadNote returns the note in a line of a function's log, if the line is one.
func ReadNote(line []byte) (Note, bool) {
	var n Note
	if !strings.HasPrefix(string(line), `{"launchedPID":`) || json.Unmarshal(line, &n) != nil {
		return Note{}, false
	}
	return n, true
}
