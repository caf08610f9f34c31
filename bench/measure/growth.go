package measure

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/peer"
)

// Point is a measurement at one size.
type Point struct {
	Size  int
	Cold  time.Duration // CPU time until the first response; zero if not measured
	List  time.Duration // CPU time of a tools/list; zero if not measured
	Call  time.Duration // CPU time of a call
	Floor time.Duration // CPU time of the bare function on the same event
	Clock time.Duration // median duration of a call
}

// Tools measures a server with increasing numbers of tools.
func (b Bench) Tools(ctx context.Context, counts []int, plan Plan) ([]Point, error) {
	peers := map[int]peer.Peer{}
	for _, n := range counts {
		env := peer.OursEnv()
		env["BENCH_TOOLS"] = fmt.Sprint(n)
		peers[n] = peer.Peer{ID: fmt.Sprintf("%d tools", n), Command: []string{b.Set.Scaled}, Env: env}
	}
	all := slices.Collect(maps.Values(peers))
	cold, err := b.Cold(ctx, all, 0, plan.Rounds)
	if err != nil {
		return nil, err
	}
	list, err := b.Warm(ctx, all, event.List(event.Older), plan)
	if err != nil {
		return nil, err
	}
	call, err := b.Warm(ctx, all, event.Call(event.Older), plan)
	if err != nil {
		return nil, err
	}
	var points []Point
	for _, n := range counts {
		id := peers[n].ID
		points = append(points, Point{Size: n, Cold: cold[id].CPU.Median(), List: list[id].CPU.Median(), Call: call[id].CPU.Median(), Clock: call[id].Latency.Median()})
	}
	return points, nil
}

// Bodies measures a call with arguments of increasing size in bytes.
func (b Bench) Bodies(ctx context.Context, sizes []int, plan Plan) ([]Point, error) {
	echo, err := b.Set.Find(peer.Echo)
	if err != nil {
		return nil, err
	}
	ours := peer.Peer{ID: peer.Ours, Command: []string{b.Set.Scaled}, Env: peer.OursEnv()}
	var points []Point
	for _, bytes := range sizes {
		warm, err := b.Warm(ctx, []peer.Peer{echo, ours}, event.Length(event.Older, bytes), plan)
		if err != nil {
			return nil, err
		}
		points = append(points, Point{Size: bytes, Call: warm[ours.ID].CPU.Median(), Floor: warm[echo.ID].CPU.Median(), Clock: warm[ours.ID].Latency.Median()})
	}
	return points, nil
}
