package bundle

import (
	"fmt"
	"sync"
	"time"
)

// When a slow step is announced, and how often after that.
const (
	announceAfter = time.Second
	announceEvery = 10 * time.Second
)

// Slow calls show while a step runs: after a second with zero, and then every ten seconds
// with the time since the start. Call stop when the step ends; show is not called after
// stop has returned.
func Slow(show func(elapsed time.Duration)) (stop func()) {
	ended := make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		begun := time.Now()
		next := time.NewTimer(announceAfter)
		defer next.Stop()
		for first := true; ; first = false {
			select {
			case <-ended:
				return
			case <-next.C:
			}
			if first {
				show(0)
			} else {
				show(time.Since(begun).Round(time.Second))
			}
			next.Reset(announceEvery)
		}
	})
	return sync.OnceFunc(func() {
		close(ended)
		running.Wait()
	})
}

// SlowText describes a compilation in progress. Zero means that it has just begun.
func SlowText(elapsed time.Duration) string {
	if elapsed == 0 {
		return "compiling; the first time takes a minute or more"
	}
	return fmt.Sprintf("still compiling (%v)", elapsed)
}
