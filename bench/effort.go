package main

import (
	"time"

	"serverless-mcp/bench/measure"
	"serverless-mcp/internal/settings"
)

// effort is the number of rounds, calls and sizes of each part.
type effort struct {
	coldRuns      int
	plan          measure.Plan // on the whole machine
	growPlan      measure.Plan
	sizes         []int // memory sizes
	sizePlan      measure.Plan
	loadTime      time.Duration
	callers       []int
	memory        int // calls
	tools         []int
	keys          []int
	bodies        []int
	hostile       []int // bytes
	hostileRounds int
	profile       int // calls
	sizeColds     int
}

func full() effort {
	return effort{
		coldRuns: 15, sizeColds: 4, memory: 20_000, profile: 30_000, loadTime: 3 * time.Second,
		plan:     measure.Plan{WarmUp: 2000, Rounds: 30, Calls: 200},
		growPlan: measure.Plan{WarmUp: 300, Rounds: 15, Calls: 100},
		sizePlan: measure.Plan{WarmUp: 60, Rounds: 6, Calls: 50},
		sizes:    []int{512, settings.FullCoreMB},
		callers:  []int{1, 4, 16, 64}, tools: []int{4, 40, 400}, keys: []int{1, 40, 400},
		bodies:  []int{1 << 10, 10 << 10, 100 << 10, 1 << 20, 4_400_000, 5 << 20},
		hostile: []int{100 << 10, 1 << 20, 4_400_000}, hostileRounds: 7,
	}
}

func quick() effort {
	e := full()
	e.coldRuns, e.sizeColds, e.memory, e.profile, e.loadTime = 4, 1, 1000, 5000, 500*time.Millisecond
	e.plan = measure.Plan{WarmUp: 300, Rounds: 6, Calls: 100}
	e.growPlan = measure.Plan{WarmUp: 50, Rounds: 4, Calls: 50}
	e.sizePlan = measure.Plan{WarmUp: 5, Rounds: 1, Calls: 30}
	e.sizes, e.callers, e.tools = []int{128, settings.FullCoreMB}, []int{1, 16}, []int{4, 400}
	e.keys, e.bodies = []int{1, 400}, []int{1 << 10, 1 << 20}
	e.hostile, e.hostileRounds = []int{1 << 20}, 3
	return e
}
