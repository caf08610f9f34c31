package cli

import (
	"context"
	"time"
)

// Clock returns the time and waits. The zero value is the system clock.
type Clock struct {
	NowFunc   func() time.Time                                 // nil means time.Now
	SleepFunc func(ctx context.Context, d time.Duration) error // nil means a timer
}

// Now returns the time.
func (c Clock) Now() time.Time {
	if c.NowFunc == nil {
		return time.Now()
	}
	return c.NowFunc()
}

// Sleep waits for d. It returns the context's error if that ends first.
func (c Clock) Sleep(ctx context.Context, d time.Duration) error {
	if c.SleepFunc != nil {
		return c.SleepFunc(ctx, d)
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
