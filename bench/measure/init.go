package measure

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
	"serverless-mcp/bench/probe"
)

// Init is the initialization of one package.
type Init struct {
	Package string
	Clock   time.Duration
	Bytes   int64 // allocated
}

// Init returns the package initializations of a Go peer, the slowest first, as
// reported by the Go runtime (GODEBUG=inittrace=1).
func (b Bench) Init(ctx context.Context, p peer.Peer) ([]Init, error) {
	b.Progress("init of %s", p.ID)
	var mu sync.Mutex
	var lines bytes.Buffer
	env := map[string]string{"GODEBUG": "inittrace=1"}
	for name, value := range p.Env {
		env[name] = value
	}
	traced, err := probe.Start(probe.Options{Launcher: b.Set.Launcher, Command: p.Command, Env: env, Line: func(line []byte) {
		mu.Lock()
		defer mu.Unlock()
		lines.Write(line)
	}})
	if err != nil {
		return nil, err
	}
	_, err = running{Probe: traced}.call(ctx, event.Call(event.Older))
	traced.Close()
	if err != nil {
		return nil, wrap(p, err)
	}
	mu.Lock()
	defer mu.Unlock()
	return inits(lines.Bytes()), nil
}

// trace is a line such as
// init net/http @1.2 ms, 0.042 ms clock, 4712 bytes, 51 allocs.
var trace = regexp.MustCompile(`^init (\S+) @\S+ ms, (\S+) ms clock, (\d+) bytes`)

// inits reads the trace. Lines printed before the note come from the launcher, which is a Go
// program too.
func inits(text []byte) []Init {
	byName := map[string]Init{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if _, ok := probe.ReadNote(lines.Bytes()); ok {
			clear(byName)
		}
		match := trace.FindStringSubmatch(lines.Text())
		if match == nil {
			continue
		}
		ms, _ := strconv.ParseFloat(match[2], 64)     // formatted by the runtime
		size, _ := strconv.ParseInt(match[3], 10, 64) // formatted by the runtime
		byName[match[1]] = Init{match[1], time.Duration(ms * float64(time.Millisecond)), size}
	}
	var list []Init
	for _, i := range byName {
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b Init) int {
		return cmp.Or(cmp.Compare(b.Clock, a.Clock), cmp.Compare(a.Package, b.Package))
	})
	return list
}

// String formats i for logs.
func (i Init) String() string { return fmt.Sprintf("%s %v %d B", i.Package, i.Clock, i.Bytes) }
