package clock

import (
	"sync"
	"time"
)

// Adjustable is a clock that stands still until a test advances it. Several goroutines
// may use it.
type Adjustable struct {
	mu sync.Mutex
	at time.Time
}

// At returns a clock that is set to t.
func At(t time.Time) *Adjustable { return &Adjustable{at: t} }

// Now returns the clock's time.
func (c *Adjustable) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Add advances the clock.
func (c *Adjustable) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
