package jobs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"serverless-mcp/internal/mcp/mcpjob"
)

// chaos drops and repeats events, and kills workers.
type chaos struct {
	*world
	mu    sync.Mutex
	rng   *rand.Rand
	kills map[string]int // by job
	work  sync.WaitGroup
}

func (c *chaos) chance(p float64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng.Float64() < p
}

func (c *chaos) upTo(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng.IntN(n)
}

// deliver drops an event, or delivers it once or twice after some time.
func (c *chaos) deliver(id string) error {
	if c.chance(0.2) {
		return nil
	}
	for range 1 + c.upTo(5)/4 {
		c.work.Go(func() {
			time.Sleep(time.Duration(c.upTo(40_000)) * time.Millisecond)
			c.process(id)
		})
	}
	return nil
}

// process runs a worker, which may be killed before or after one of its requests takes
// effect. Lambda delivers the event of a crashed worker again, or drops it.
func (c *chaos) process(id string) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	left := -1 // requests until the worker is killed; -1 means never
	c.mu.Lock()
	if c.kills[id] < maxRuns-1 && c.rng.Float64() < 0.5 {
		c.kills[id]++
		left = c.rng.IntN(20)
	}
	c.mu.Unlock()
	var mu sync.Mutex
	dead := false
	err := c.worker(func(string, bool) bool {
		mu.Lock()
		defer mu.Unlock()
		if left == 0 {
			dead = true
			cancel()
		}
		left--
		return !dead
	}).Handle(ctx, Event{id})
	mu.Lock()
	killed := dead
	mu.Unlock()
	if (killed || err != nil) && c.chance(0.7) {
		c.work.Go(func() { time.Sleep(time.Minute); c.process(id) })
	}
}

// TestNothingIsLost runs hundreds of jobs whose workers are killed at random steps, whose
// events are dropped and doubled, and whose table fails now and then. Each job ends
// exactly once in a final state. Idempotent jobs complete; the others run at most once.
func TestNothingIsLost(t *testing.T) {
	jobs := 400
	if testing.Short() {
		jobs = 200
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	synctest.Test(t, func(t *testing.T) {
		c := &chaos{world: newWorld(), rng: rand.New(rand.NewPCG(seed, 0)), kills: map[string]int{}}
		c.invoke = c.deliver
		ids := make([]string, jobs)
		for n := range ids {
			ids[n] = c.start(t, arguments{Label: fmt.Sprint(n), Sleep: time.Duration(c.upTo(60)) * time.Second}, n%2 == 0)
		}
		c.world.mu.Lock()
		c.fail = func(string) *fault {
			switch n := c.upTo(100); {
			case n < 1:
				return &fault{lost: true}
			case n < 2:
				return &fault{}
			}
			return nil
		}
		c.world.mu.Unlock()
		ended := make([]mcpjob.Job, jobs)
		var asking sync.WaitGroup
		for n, id := range ids {
			asking.Go(func() { ended[n] = c.ask(t, id) })
		}
		asking.Wait()
		c.work.Wait() // late events
		c.world.mu.Lock()
		c.fail = nil
		c.world.mu.Unlock()
		counts := map[string]int{}
		for n, id := range ids {
			job, idempotent := c.get(t, id), n%2 == 0
			counts[fmt.Sprint(job.Status, " ", job.Message)]++
			switch interrupted := job.Status == mcpjob.Failed && job.Error.Message == "the job was interrupted and may have done part of its work"; {
			case job.Status != ended[n].Status || c.finals[id] != 1:
				t.Errorf("job %d ended as %s, is %s, and was ended %d times", n, ended[n].Status, job.Status, c.finals[id])
			case idempotent && job.Status != mcpjob.Completed:
				t.Errorf("idempotent job %d is %s: %s", n, job.Status, job.Message)
			case !idempotent && job.Status != mcpjob.Completed && !interrupted:
				t.Errorf("job %d is %s: %s", n, job.Status, job.Message)
			case !idempotent && c.starts[fmt.Sprint(n)] > 1:
				t.Errorf("job %d is not idempotent and ran %d times", n, c.starts[fmt.Sprint(n)])
			}
		}
		t.Log(counts)
		if len(counts) < 2 {
			t.Error("no worker was killed in the middle: the test shows nothing")
		}
	})
}

// ask polls a job until it has ended.
func (c *chaos) ask(t *testing.T, id string) mcpjob.Job {
	for range 2000 {
		time.Sleep(time.Duration(2000+c.upTo(8000)) * time.Millisecond)
		job, err := c.service.Get(context.Background(), owner.KeyID, id)
		if err == nil && job.Status != mcpjob.Working {
			return job
		}
	}
	t.Errorf("job %s did not end", id)
	return mcpjob.Job{}
}
