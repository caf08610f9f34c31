package connect_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
	"serverless-mcp/internal/clients/connect"
)

// TestParallelConnects connects eight servers at once, 200 times: every server that was
// connected without an error must be in the file. In every other round there is no file
// yet.
func TestParallelConnects(t *testing.T) {
	c := client(t, "cursor")
	for round := range rounds() {
		path := filepath.Join(t.TempDir(), "mcp.json")
		if round%2 == 0 {
			path = file(t, "{\n  \"mcpServers\": {}\n}\n")
		}
		f := connect.Files{State: t.TempDir(), Settle: -1, NoSync: true}
		var group sync.WaitGroup
		failures := make([]error, 8)
		for i := range failures {
			group.Go(func() { failures[i] = change(f.Add(c, numbered(i), path, false)) })
		}
		group.Wait()
		for i, err := range failures {
			if err != nil || !has(t, c, path, numbered(i)) {
				t.Errorf("round %d: connect %d: %v; in the file: %t", round, i, err, has(t, c, path, numbered(i)))
			}
		}
		if t.Failed() {
			return
		}
	}
}

// rounds returns the number of rounds, fewer with -short.
func rounds() int {
	if testing.Short() {
		return 20
	}
	return 200
}

func numbered(i int) clientconfig.Server {
	return clientconfig.Server{Name: fmt.Sprintf("s%d", i), URL: fmt.Sprintf("https://s%d.example.com/mcp", i)}
}

func has(t *testing.T, c clientconfig.Client, path string, s clientconfig.Server) bool {
	t.Helper()
	_, found, err := configfile.Get(c.Format, []byte(read(t, path)), append(append([]string{}, c.Path...), s.Name))
	return err == nil && found
}

// TestForeignWriter connects up to 50 servers while another program reads the file,
// changes it and writes it back every 10 ms, in place and by a rename in turn.
// None of its writes, and no entry that connect wrote without an error, may be lost.
func TestForeignWriter(t *testing.T) {
	c := client(t, "cursor")
	path := file(t, `{"counter":0,"mcpServers":{}}`)
	w := &foreignWriter{t: t, path: path, stop: make(chan struct{}), stopped: make(chan struct{})}
	go w.run()
	f := connect.Files{State: t.TempDir(), NoSync: true}
	type span struct{ from, to time.Time }
	reported := map[int]span{}
	for i := range rounds() / 4 {
		from := time.Now()
		if err := change(f.Add(c, numbered(i), path, false)); err == nil {
			reported[i] = span{from, time.Now()}
		}
	}
	close(w.stop)
	<-w.stopped
	if w.writes < rounds()/8 || len(reported) < rounds()/8 {
		t.Errorf("%d foreign writes and %d connects in %d rounds", w.writes, len(reported), rounds())
	}
	// Without leases, a program that opens the file just before connect replaces it
	// may see the new text for a moment, until connect notices its write and puts
	// it back.
	allowed := 0
	if runtime.GOOS != "linux" {
		allowed = w.writes / 50
	}
	if w.lost > allowed {
		t.Errorf("%d of %d foreign writes were lost", w.lost, w.writes)
	}
	for i, s := range reported {
		if !has(t, c, path, numbered(i)) && !w.wasSlow(s.from, s.to) {
			t.Errorf("connect %d reported success, but its entry is not in the file", i)
		}
	}
}

// foreignWriter imitates another program, which increments a counter in the file.
type foreignWriter struct {
	t             *testing.T
	path          string
	stop, stopped chan struct{}
	writes        int
	slow          [][2]time.Time // periods in which it took long between reading and writing
	lost          int            // number of its writes that were lost
}

func (w *foreignWriter) run() {
	defer close(w.stopped)
	counter := 0
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-w.stop:
			return
		case <-tick.C:
		}
		from := time.Now()
		data := map[string]any{}
		text, err := os.ReadFile(w.path)
		if err == nil {
			err = json.Unmarshal(text, &data)
		}
		if err != nil || data["counter"] == nil {
			w.t.Errorf("after its write number %d, the file says %v (%v)", counter, data["counter"], err)
			return
		}
		if data["counter"] != float64(counter) {
			w.lost++
		}
		w.writes++
		counter++
		data["counter"] = counter
		text, _ = json.Marshal(data)
		if counter%2 == 0 {
			err = os.WriteFile(w.path, text, 0o600)
		} else if err = os.WriteFile(w.path+".new", text, 0o600); err == nil {
			err = os.Rename(w.path+".new", w.path)
		}
		if err != nil {
			w.t.Error(err)
		}
		if now := time.Now(); now.Sub(from) > connect.SettleTime {
			w.slow = append(w.slow, [2]time.Time{from, now})
		}
	}
}

// wasSlow reports whether the writer took longer between reading and writing than connect
// watches the file: on a busy machine it may be suspended in between.
func (w *foreignWriter) wasSlow(from, to time.Time) bool {
	for _, s := range w.slow {
		if s[0].Before(to.Add(time.Second)) && from.Before(s[1]) {
			return true
		}
	}
	return false
}
