package probe

import (
	"encoding/json"
	"strings"
	"time"
)

// LaunchVariable is the environment variable that holds a [Launch].
const LaunchVariable = "BENCH_LAUNCH"

// Launch is what bench/launcher is told.
type Launch struct {
	Command []string // path of a program, and its arguments
	Cgroup  string   `json:",omitempty"` // file that takes the ids of processes; empty means no CPU share
}

// Note is what bench/launcher writes before it becomes the peer.
type Note struct {
	PID int           `json:"launchedPID"`
	At  int64         `json:"at"`  // Unix time in nanoseconds
	CPU time.Duration `json:"cpu"` // that the launcher has used itself
}

// ReadNote is the note in a line of a function's log, if it is one.
func ReadNote(line []byte) (Note, bool) {
	var n Note
	if !strings.HasPrefix(string(line), `{"launchedPID":`) || json.Unmarshal(line, &n) != nil {
		return Note{}, false
	}
	return n, true
}
