// Package jobs runs tool calls that outlive their request. A job is an item in a
// DynamoDB table and an asynchronous invocation of the job function, which carries only
// the job's id: the item is written first, so that nothing is lost.
//
// The worker takes a lease on the item, renews it while the tool runs, and writes the
// result if it still has the lease. Lambda may deliver an event twice or drop it, and a
// worker may be killed at any step. No process monitors the jobs: each read of a job
// repairs it (see [Service.Get]). If a job waits too long, its event is sent again. A job
// whose lease has expired runs again if it is idempotent; otherwise it fails, because the
// tool may have done part of its work.
//
// Each write is a compare-and-swap on the item's version (store.go), and each
// transition is a pure function (item.go).
package jobs

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"serverless-mcp/internal/mcp/mcpjob"
	"serverless-mcp/internal/tool"
)

// Limits and times of a job.
const (
	// TTL is how long a job is kept, from its start.
	TTL = 24 * time.Hour
	// MaxResult is the limit of a result in bytes. An item of DynamoDB has at most 400 KB.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-items
	MaxResult = 350 << 10
	// MaxArguments is the limit of the arguments in bytes. They are written with each
	// heartbeat, which is billed by the KB.
	MaxArguments = 64 << 10

	maxRuns      = 5                // of an idempotent job, if its worker crashes each time
	leaseTime    = 40 * time.Second // Lambda delivers the event of a crashed worker again after a minute
	beatInterval = 10 * time.Second
	reportEvery  = 3 * time.Second // progress is written at most this often
	queueTime    = 30 * time.Second
	maxQueueTime = 10 * time.Minute
	maxMessage   = 500             // bytes of a progress report
	stopTime     = 5 * time.Second // for a tool to return after its context has ended
	undoTimeout  = 5 * time.Second // to cancel a job whose event could not be sent
)

// Options of [New].
type Options struct {
	Table  Table  // the DynamoDB client; required
	Name   string // of the table; required
	Invoke Invoke // sends an event to the worker; nil means that jobs can only be read and cancelled
	Log    *slog.Logger
	Now    func() time.Time // nil means time.Now
}

// Invoke makes the worker run a job, at once or later, perhaps twice or never.
type Invoke func(ctx context.Context, id string) error

// Service starts and reads jobs. It implements mcpjob.Service.
type Service struct {
	store  store
	invoke Invoke
	log    *slog.Logger
	now    func() time.Time
}

// New returns a service. It makes no calls.
func New(o Options) *Service {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{store{o.Table, o.Name}, o.Invoke, o.Log, o.Now}
}

// errNotStarted is returned if the worker cannot be invoked.
var errNotStarted = errors.New("invoke the worker")

// Start writes the item, then sends the event. If sending fails, the event may have
// arrived nevertheless. If a worker has started the job by then, Start returns the job,
// even if it has ended: another attempt of the caller would run the tool twice. Otherwise
// Start cancels it and returns the error, so that the caller can try again: a worker that
// gets the event later finds a job that has ended.
func (s *Service) Start(ctx context.Context, call mcpjob.Call) (mcpjob.Job, error) {
	if size := len(call.Arguments) + len(call.InputResponses); size > MaxArguments {
		return mcpjob.Job{}, tool.Errorf("the arguments are too large for a job: %d bytes, the limit is %d", size, MaxArguments)
	}
	now := s.now()
	i := newItem(rand.Text(), call, now)
	if err := s.store.create(ctx, &i); err != nil {
		return mcpjob.Job{}, fmt.Errorf("store a job: %w", err)
	}
	if err := s.invoke(ctx, i.ID); err != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout) // the caller may have disconnected
		defer cancel()
		now, _, undo := s.store.change(ctx, i.ID, func(i *item) bool { return i.Runs == 0 && i.cancel(s.now()) })
		if undo == nil && now.Runs > 0 {
			return now.job(s.now()), nil // the event did arrive
		}
		return mcpjob.Job{}, errors.Join(fmt.Errorf("%w: %w", errNotStarted, err), undo)
	}
	return i.job(now), nil
}

// Get returns the job of a key. It repairs the job first: if the repair itself fails,
// that is logged, and the next caller tries again.
func (s *Service) Get(ctx context.Context, keyID, id string) (mcpjob.Job, error) {
	i, err := s.read(ctx, id)
	if err != nil || i.KeyID != keyID {
		return mcpjob.Job{}, notFound(err)
	}
	return s.repaired(ctx, i).job(s.now()), nil
}

// notFound returns the error of a failed read, or ErrUnknown.
func notFound(err error) error {
	if err != nil {
		return err
	}
	return mcpjob.ErrUnknown
}

// read returns an item that has not expired. DynamoDB deletes expired items days later.
func (s *Service) read(ctx context.Context, id string) (item, error) {
	if len(id) != len(rand.Text()) {
		return item{}, mcpjob.ErrUnknown
	}
	i, err := s.store.get(ctx, id)
	if err == nil && i.expired(s.now()) {
		err = mcpjob.ErrUnknown
	}
	if err != nil && !errors.Is(err, mcpjob.ErrUnknown) {
		err = fmt.Errorf("read a job: %w", err)
	}
	return i, err
}

// repaired repairs the item if it needs that, and returns it.
func (s *Service) repaired(ctx context.Context, i item) item {
	changed, done, err := i, false, error(nil)
	switch now := s.now(); {
	case i.interrupted(now):
		changed, _, err = s.store.change(ctx, i.ID, func(i *item) bool { return i.interrupt(s.now()) })
	case s.invoke != nil && i.lost(now):
		if changed, done, err = s.store.change(ctx, i.ID, func(i *item) bool { return i.resend(s.now()) }); done {
			err = s.invoke(ctx, i.ID)
		}
	}
	if err != nil {
		s.log.WarnContext(ctx, "cannot repair a job", "error", err.Error())
		return i
	}
	return changed
}

// Cancel ends the job of a key unless it has ended. The worker notices it at its next
// heartbeat.
func (s *Service) Cancel(ctx context.Context, keyID, id string) error {
	i, err := s.read(ctx, id)
	if err != nil || i.KeyID != keyID {
		return notFound(err)
	}
	if _, _, err := s.store.change(ctx, id, func(i *item) bool { return i.cancel(s.now()) }); err != nil {
		return fmt.Errorf("cancel a job: %w", err)
	}
	return nil
}

// Event is the payload with which the worker is invoked.
type Event struct {
	ID string `json:"id"`
}

// payload returns the event of a job as JSON.
func payload(id string) []byte {
	text, _ := json.Marshal(Event{id}) // a string always marshals
	return text
}
