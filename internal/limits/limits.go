// Package limits counts the tool calls of each key in a DynamoDB table and refuses
// those over the key's limits, exactly, however many processes serve the key.
//
// The table has one item for each key and UTC day: the current minute, the calls in
// that minute and the calls of the day. Two conditional updates change it:
//
//	the same minute   if m = :m and c < :rate and d < :quota          add 1 to c and d
//	a new minute      if m is absent, or m < :m and d < :quota        set m to :m and c to 1, add 1 to d
//
// A process that has already counted a call of the key in the current minute tries the
// first update; any other process tries the second. So one update is usually enough. An
// update whose condition fails returns the item, which shows what to do next.
//
// The tools must work without the table: if it does not respond in time, the call passes
// and is logged. See [Unavailable].
package limits

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"serverless-mcp/internal/keys/apikey"
)

// Unavailable is the message of the warning for a call that passed although it could
// not be counted. The alarm on the metric LimitsUnavailable is derived from it.
const Unavailable = "limits unavailable"

// Timeouts of the table.
const (
	// Timeout is how long a call waits for the table.
	Timeout = 150 * time.Millisecond
	// FirstTimeout replaces Timeout for the first call of a process, which includes the
	// TLS handshake.
	FirstTimeout = time.Second
)

// maxRemembered limits the keys in each map of a [Counter]. For a key that is not in a
// map, the table is called once more.
const maxRemembered = 10_000

// Options of [New].
type Options struct {
	Client *dynamodb.Client // required; [New] needs one that does not retry, see [NewClient]
	Table  string           // name; required. Its key is [KeyAttribute]
	Log    *slog.Logger     // nil means no log
	Now    func() time.Time // nil means time.Now
	// Timeout is how long a call waits for the table; zero means [Timeout], and
	// [FirstTimeout] for the first call.
	Timeout time.Duration
}

// Counter counts calls. It is safe for concurrent use.
type Counter struct {
	o Options

	mu      sync.Mutex
	minutes map[string]int64   // the minute of a key's last counted call
	refused map[string]refusal // the last refusal of each key
	tried   bool               // the first call has ended
}

// refusal is a remembered refusal, with the limits that were in force.
type refusal struct {
	limits apikey.Limits
	Refusal
}

// Refusal is the reason why a call over a limit is refused.
type Refusal struct {
	Limit int           // number of calls in Per
	Per   time.Duration // [Minute] or [Day]
	Until time.Time     // when the next call can pass
}

// Now returns the time by the counter's clock.
func (c *Counter) Now() time.Time { return c.o.Now() }

// Periods of limits.
const (
	Minute = time.Minute
	Day    = 24 * time.Hour
)

// New returns a counter.
func New(o Options) *Counter {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Counter{o: o, minutes: map[string]int64{}, refused: map[string]refusal{}}
}

// Count counts a call of the principal. It returns nil if the call may pass: it is
// within the limits, the principal has none, or the table is unavailable. The call is also
// counted if its context ends meanwhile: a tool runs although the client has disconnected.
func (c *Counter) Count(ctx context.Context, p apikey.Principal) *Refusal {
	if p.Limits.IsZero() {
		return nil
	}
	now := c.o.Now()
	if r := c.remembered(p, now); r != nil {
		return r
	}
	begun := time.Now() // not o.Now, whose clock may stand still
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout())
	defer cancel()
	r, err := c.count(limited, p, now)
	c.firstDone()
	if err != nil {
		c.o.Log.WarnContext(ctx, Unavailable, "keyId", p.KeyID, "error", err.Error(),
			"durationMs", float64(time.Since(begun).Microseconds())/1000)
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if r != nil {
		c.makeRoom(now)
		c.refused[p.KeyID] = refusal{p.Limits, *r}
	}
	return r
}

// remembered returns the refusal of an earlier call if it still applies, which saves
// a call to the table.
func (c *Counter) remembered(p apikey.Principal, now time.Time) *Refusal {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.refused[p.KeyID]                           // the zero refusal if none is remembered
	if r.limits != p.Limits || !now.Before(r.Until) { // none, other limits now, or the period is over
		delete(c.refused, p.KeyID)
		return nil
	}
	return &r.Refusal
}

func (c *Counter) timeout() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.o.Timeout > 0:
		return c.o.Timeout
	case c.tried:
		return Timeout
	}
	return FirstTimeout
}

// firstDone notes that the first call has ended.
func (c *Counter) firstDone() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tried = true
}

// makeRoom removes refusals that no longer apply from a full map, and empties it if
// that is not enough. The caller must hold c.mu.
func (c *Counter) makeRoom(now time.Time) {
	if len(c.refused) >= maxRemembered {
		for id, r := range c.refused {
			if !now.Before(r.Until) {
				delete(c.refused, id)
			}
		}
	}
	if len(c.refused) >= maxRemembered {
		clear(c.refused)
	}
	if len(c.minutes) >= maxRemembered {
		clear(c.minutes)
	}
}

// errContended means that the item changed at each attempt.
var errContended = errors.New("count the call: other calls changed the item at each attempt")
