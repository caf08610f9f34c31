package jobs

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"serverless-mcp/internal/mcp/mcpjob"
)

// Run runs the tool of a job and returns a CallToolResult, or the JSON-RPC error with
// which the job failed. report gets the progress.
type Run func(ctx context.Context, call mcpjob.Call, attempt int, report func(string)) (json.RawMessage, *mcpjob.Error)

// WorkerOptions are the options of [NewWorker].
type WorkerOptions struct {
	Table  Table  // the DynamoDB client; required
	Name   string // of the table; required
	Run    Run    // required
	Log    *slog.Logger
	Margin time.Duration // time before the deadline of the context to store a result; zero means 15 seconds
	// RequestID returns the id of an event's delivery for the log; nil means none.
	RequestID func(context.Context) string
	Now       func() time.Time // the clock of leases; nil means time.Now
}

// Worker runs jobs.
type Worker struct {
	store     store
	run       Run
	log       *slog.Logger
	margin    time.Duration
	requestID func(context.Context) string
	now       func() time.Time
	warm      atomic.Bool // an event was handled before
}

// NewWorker returns a worker.
func NewWorker(o WorkerOptions) *Worker {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Margin == 0 {
		o.Margin = 15 * time.Second
	}
	if o.RequestID == nil {
		o.RequestID = func(context.Context) string { return "" }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Worker{store: store{o.Table, o.Name}, run: o.Run, log: o.Log, margin: o.Margin, requestID: o.RequestID, now: o.Now}
}

// outcome is how a run ended.
type outcome struct {
	result json.RawMessage
	failed *mcpjob.Error // instead of a result
}

// Handle runs the job of an event, unless it has ended or another worker has it. An
// error means that the event should be delivered again: the table could not be read or
// written.
func (w *Worker) Handle(ctx context.Context, e Event) error {
	cold := w.warm.CompareAndSwap(false, true)
	lease := rand.Text()
	i, taken, err := w.store.change(ctx, e.ID, func(i *item) bool { return i.take(lease, w.now()) })
	switch {
	case errors.Is(err, mcpjob.ErrUnknown):
		return nil // deleted, or not an event of ours
	case err != nil:
		return fmt.Errorf("take a job: %w", err)
	case taken:
		return w.work(ctx, i, lease, cold)
	case i.interrupted(w.now()):
		_, _, err := w.store.change(ctx, e.ID, func(i *item) bool { return i.interrupt(w.now()) })
		return err
	}
	return nil
}

// work runs a job that this worker has leased, until the job ends, is cancelled or is out
// of time. cold means that it is this process's first job.
func (w *Worker) work(ctx context.Context, i item, lease string, cold bool) error {
	started := time.Now()
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	if deadline, ok := ctx.Deadline(); ok {
		running, cancel = context.WithDeadline(running, deadline.Add(-w.margin))
		defer cancel()
	}
	end := func(how string) { w.logEnd(ctx, i, how, started, cold) }
	var progress latest
	done := make(chan outcome, 1)
	go func() { done <- w.outcome(running, i, progress.set) }()
	ticks := time.Tick(reportEvery)
	defer stop(cancel, done)
	beaten := started
	for {
		select {
		case o := <-done:
			done <- o // for stop
			return w.finish(ctx, i.ID, lease, o, end)
		case <-running.Done():
			return w.finish(ctx, i.ID, lease, timedOut(time.Since(started)), end)
		case now := <-ticks:
			message, changed := progress.get()
			if !changed && now.Sub(beaten) < beatInterval {
				continue
			}
			_, kept, err := w.store.change(ctx, i.ID, func(i *item) bool { return i.beat(lease, message, w.now()) })
			switch {
			case err != nil && !errors.Is(err, mcpjob.ErrUnknown):
				progress.touch()
				w.log.WarnContext(ctx, "cannot renew a lease", "error", err.Error())
			case !kept:
				end(takenOver)
				return nil
			default:
				beaten = now
			}
		}
	}
}

// stop cancels a tool that may still be running and waits up to stopTime for it to return:
// on Lambda it would otherwise run on during this instance's next job.
func stop(cancel func(), done <-chan outcome) {
	cancel()
	select {
	case <-done:
	case <-time.After(stopTime):
	}
}

// outcome runs the tool.
func (w *Worker) outcome(ctx context.Context, i item, report func(string)) outcome {
	call, err := i.call()
	if err != nil {
		w.log.ErrorContext(ctx, "internal error", "in", "job", "error", err.Error())
		return outcome{failed: &mcpjob.Error{Code: codeInternal, Message: "internal error"}}
	}
	result, failed := w.run(ctx, call, int(i.Runs), report)
	if len(result) > MaxResult {
		result = toolError(fmt.Sprintf("the result of the job is too large: %d bytes, the limit is %d", len(result), MaxResult))
	}
	return outcome{result, failed}
}

// takenOver is the outcome of a run whose job has already ended or has another worker.
const takenOver = "cancelled or taken over"

// finish stores the outcome and calls end with its name. It retries while the table
// fails. If the context ends first, it returns an error and Lambda delivers the event
// again.
func (w *Worker) finish(ctx context.Context, id, lease string, o outcome, end func(how string)) error {
	for pause := time.Second; ; pause = min(2*pause, 10*time.Second) {
		_, stored, err := w.store.change(ctx, id, func(i *item) bool { return i.finish(lease, o, w.now()) })
		switch {
		case stored:
			end(outcomeName(o))
			return nil
		case err == nil || errors.Is(err, mcpjob.ErrUnknown):
			end(takenOver)
			return nil
		}
		w.log.WarnContext(ctx, "cannot store the result of a job", "error", err.Error())
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("store the result of a job: %w", err)
		}
	}
}

// logEnd logs the end of a run. The line has the form of a tool call's line.
func (w *Worker) logEnd(ctx context.Context, i item, how string, started time.Time, cold bool) {
	w.log.LogAttrs(ctx, slog.LevelInfo, "mcp request", slog.String("requestId", w.requestID(ctx)), slog.String("method", "job"), slog.String("outcome", how),
		slog.String("tool", i.Tool), slog.String("keyId", i.KeyID),
		slog.Float64("durationMs", float64(time.Since(started).Microseconds())/1000), slog.Int64("attempt", i.Runs), slog.Bool("coldStart", cold))
}

// outcomeName returns the name of the outcome for the log.
func outcomeName(o outcome) string {
	var result struct{ IsError bool }
	switch {
	case o.failed != nil:
		return "error"
	case json.Unmarshal(o.result, &result) == nil && result.IsError:
		return "tool error"
	}
	return "ok"
}

// timedOut returns the outcome of a job that ran out of time.
func timedOut(after time.Duration) outcome {
	return outcome{result: toolError(fmt.Sprintf("the job was stopped after %s, which is as long as a job may run; it may have done part of its work", after.Round(time.Second)))}
}

// toolError returns a CallToolResult with an error for the model.
func toolError(text string) json.RawMessage {
	result, _ := json.Marshal(map[string]any{ // strings always marshal
		"content": []any{map[string]string{"type": "text", "text": text}}, "isError": true, "resultType": "complete",
	})
	return result
}

// latest holds the newest progress report.
type latest struct {
	mu      sync.Mutex
	text    string
	changed bool
}

func (l *latest) set(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text, l.changed = text, true
}

// get returns the newest report, and whether it was set since the last get.
func (l *latest) get() (text string, changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	changed, l.changed = l.changed, false
	return l.text, changed
}

// touch makes the next get return the report again.
func (l *latest) touch() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changed = true
}
