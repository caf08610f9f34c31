package logs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"serverless-mcp/internal/metrics"
)

const (
	window     = time.Second // at most one line for each kind of event in this time
	maxReasons = 200         // kinds of events at a time; further kinds share lines
)

// aggregate limits the log lines that callers can cause by requests that are not served.
// These are the lines with a rejecting outcome, see [rejects], and the warnings and errors
// with the attribute "reason" and without "tool". Lines with the same message and the same
// level, reason, outcome, status, code, keyId and tool are of one kind, and one line a
// second is written for each kind: the first line with all its attributes, then a summary
// of the lines that followed within the second. A call that was served, such as one that
// ran out of time, always has its own line. The attribute "count" is the number of events
// that a line stands for, so the sum of the counts is exact.
//
// An instance of a Lambda function that is frozen writes its summary when it
// resumes, and loses it if it never does.
type aggregate struct {
	slog.Handler
	events *events
	event  event // from [slog.Logger.With]
	group  bool  // attributes are in a group, so "reason" is another name
}

// events counts what is not yet written. Its lines go to a handler without the
// attributes of any single event.
type events struct {
	out slog.Handler

	mu      sync.Mutex
	counted map[event]int // events since the last line of the kind
}

// event is a kind of event: events that are equal in these fields share lines.
type event struct {
	level                  slog.Level
	message, reason, keyID string
	outcome, tool          string
	status, code           int64
}

// rejects reports whether an outcome means that the request was not served. The caller may
// have a valid key: a flood of calls beyond the key's scope or limits also writes few lines.
func rejects(outcome string) bool {
	return metrics.IsRejected(outcome) || outcome == "denied" || outcome == "undecided"
}

// limited reports whether events of this kind share lines.
func (e event) limited() bool {
	return rejects(e.outcome) || e.level >= slog.LevelWarn && e.reason != "" && e.tool == ""
}

func newAggregate(out slog.Handler) *aggregate {
	return &aggregate{Handler: out, events: &events{out: out, counted: map[event]int{}}}
}

// Handle implements [slog.Handler].
func (a *aggregate) Handle(ctx context.Context, r slog.Record) error {
	if a.group {
		return a.Handler.Handle(ctx, r)
	}
	e := a.event
	e.level, e.message = r.Level, r.Message
	r.Attrs(func(attr slog.Attr) bool {
		e.set(attr)
		return true
	})
	if !e.limited() {
		return a.Handler.Handle(ctx, r)
	}
	if !a.events.first(e) {
		return nil
	}
	r = r.Clone()
	r.AddAttrs(slog.Int("count", 1))
	return a.Handler.Handle(ctx, r)
}

func (e *event) set(attr slog.Attr) {
	switch kind := attr.Value.Kind(); {
	case attr.Key == "status" && kind == slog.KindInt64:
		e.status = attr.Value.Int64()
	case attr.Key == "code" && kind == slog.KindInt64:
		e.code = attr.Value.Int64()
	case kind != slog.KindString:
	case attr.Key == "reason":
		e.reason = attr.Value.String()
	case attr.Key == "keyId":
		e.keyID = attr.Value.String()
	case attr.Key == "outcome":
		e.outcome = attr.Value.String()
	case attr.Key == "tool":
		e.tool = attr.Value.String()
	}
}

// WithAttrs implements [slog.Handler].
func (a *aggregate) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *a
	with.Handler = a.Handler.WithAttrs(attrs)
	for _, attr := range attrs {
		with.event.set(attr) // unused in a group
	}
	return &with
}

// WithGroup implements [slog.Handler].
func (a *aggregate) WithGroup(name string) slog.Handler {
	with := *a
	with.Handler, with.group = a.Handler.WithGroup(name), a.group || name != ""
	return &with
}

// first reports whether the event is to be written now. Otherwise it is counted.
func (s *events) first(e event) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, open := s.counted[e]; !open && len(s.counted) >= maxReasons {
		e = event{level: e.level, message: e.message, reason: "other", outcome: e.outcome}
	}
	if _, open := s.counted[e]; open {
		s.counted[e]++
		return false
	}
	s.counted[e] = 0
	time.AfterFunc(window, func() { s.flush(e) })
	return true
}

// flush writes the summary of a window and opens the next one. A window without
// events is the last.
func (s *events) flush(e event) {
	s.mu.Lock()
	n := s.counted[e]
	if n == 0 {
		delete(s.counted, e)
	} else {
		s.counted[e] = 0
		time.AfterFunc(window, func() { s.flush(e) })
	}
	s.mu.Unlock()
	if n == 0 {
		return
	}
	r := slog.NewRecord(time.Now(), e.level, e.message, 0)
	for _, attr := range []slog.Attr{
		slog.String("reason", e.reason), slog.String("keyId", e.keyID), slog.String("outcome", e.outcome),
		slog.Int64("status", e.status), slog.Int64("code", e.code), slog.String("tool", e.tool), slog.Int("count", n),
	} {
		if !attr.Value.Equal(slog.StringValue("")) && !attr.Value.Equal(slog.Int64Value(0)) {
			r.AddAttrs(attr)
		}
	}
	_ = s.out.Handle(context.Background(), r) // slog ignores this error too
}
