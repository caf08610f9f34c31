package logs

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	window     = time.Second // at most one line a reason in this time
	maxReasons = 200         // reasons in one window; further ones share a line
)

// aggregate limits the lines that callers without a valid key can cause. Of the
// warnings and errors with the attribute "reason" it writes one a second for each
// message, reason, outcome, status and keyId: the first with all its attributes, then
// a summary of those that followed within the second. A line with the attribute "tool"
// is about a call with a valid key and is never part of a summary. The attribute "count" is the number of
// events that a line stands for, so the sum of the counts is exact.
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

// event is a kind of event that has a line of its own.
type event struct {
	level                  slog.Level
	message, reason, keyID string
	outcome                string
	status                 int64
	tool                   bool // the event has a tool
}

func newAggregate(out slog.Handler) *aggregate {
	return &aggregate{Handler: out, events: &events{out: out, counted: map[event]int{}}}
}

// Handle implements [slog.Handler].
func (a *aggregate) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn || a.group {
		return a.Handler.Handle(ctx, r)
	}
	e := a.event
	e.level, e.message = r.Level, r.Message
	r.Attrs(func(attr slog.Attr) bool {
		e.take(attr)
		return true
	})
	if e.reason == "" || e.tool {
		return a.Handler.Handle(ctx, r)
	}
	if !a.events.first(e) {
		return nil
	}
	r = r.Clone()
	r.AddAttrs(slog.Int("count", 1))
	return a.Handler.Handle(ctx, r)
}

func (e *event) take(attr slog.Attr) {
	switch kind := attr.Value.Kind(); {
	case attr.Key == "status" && kind == slog.KindInt64:
		e.status = attr.Value.Int64()
	case kind != slog.KindString:
	case attr.Key == "reason":
		e.reason = attr.Value.String()
	case attr.Key == "keyId":
		e.keyID = attr.Value.String()
	case attr.Key == "outcome":
		e.outcome = attr.Value.String()
	case attr.Key == "tool":
		e.tool = true
	}
}

// WithAttrs implements [slog.Handler].
func (a *aggregate) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *a
	with.Handler = a.Handler.WithAttrs(attrs)
	if !a.group {
		for _, attr := range attrs {
			with.event.take(attr)
		}
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
	r.AddAttrs(slog.String("reason", e.reason))
	if e.keyID != "" {
		r.AddAttrs(slog.String("keyId", e.keyID))
	}
	if e.outcome != "" {
		r.AddAttrs(slog.String("outcome", e.outcome))
	}
	if e.status != 0 {
		r.AddAttrs(slog.Int64("status", e.status))
	}
	r.AddAttrs(slog.Int("count", n))
	_ = s.out.Handle(context.Background(), r) // slog's own callers ignore it, too
}
