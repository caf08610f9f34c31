package httpserver

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// Of 200 requests that arrive at once, few are ready to run at any time.
func TestTurnstile(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var turns turnstile
	var running, most atomic.Int32
	var wait sync.WaitGroup
	arrive := make(chan struct{})
	for range 200 {
		wait.Go(func() {
			<-arrive
			turns.pass()
			most.Store(max(most.Load(), running.Add(1))) // only one goroutine runs at a time
			for range 5 {
				runtime.Gosched() // the end of a time slice
			}
			running.Add(-1)
		})
	}
	close(arrive)
	wait.Wait()
	if n := most.Load(); n > 50 {
		t.Errorf("%d of 200 requests were ready to run at once, want at most 50", n)
	} else {
		t.Logf("at most %d requests were ready to run at once", n)
	}
}

func BenchmarkTurnstile(b *testing.B) {
	var turns turnstile
	for b.Loop() {
		turns.pass()
	}
}
