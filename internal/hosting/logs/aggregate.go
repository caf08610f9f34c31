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
// message, reason and keyId: the first with all its attributes, then a summary of
// those that followed within the second. The attribute "count" is the number of
// events that a line stands for, so the sum of the counts is exact.
//
// An instance of a Lambda function that is frozen writes its summary when it
// resumes, and loses it if it never does.
type aggregate struct {
	slog.Handler
	events *events
	reason string // from [slog.Logger.With]
	keyID  string
	group  bool // attributes are in a group, so "reason" is another name
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
}

func newAggregate(out slog.Handler) *aggregate {
	return &aggregate{Handler: out, events: &events{out: out, counted: map[event]int{}}}
}

// Handle implements [slog.Handler].
func (a *aggregate) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn || a.group {
		return a.Handler.Handle(ctx, r)
	}
	e := event{level: r.Level, message: r.Message, reason: a.reason, keyID: a.keyID}
	r.Attrs(func(attr slog.Attr) bool {
		e.take(attr)
		return true
	})
	if e.reason == "" {
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
	if attr.Value.Kind() != slog.KindString {
		return
	}
	switch attr.Key {
	case "reason":
		e.reason = attr.Value.String()
	case "keyId":
		e.keyID = attr.Value.String()
	}
}

// WithAttrs implements [slog.Handler].
func (a *aggregate) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *a
	with.Handler = a.Handler.WithAttrs(attrs)
	if !a.group {
		e := event{reason: a.reason, keyID: a.keyID}
		for _, attr := range attrs {
			e.take(attr)
		}
		with.reason, with.keyID = e.reason, e.keyID
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
		e = event{level: e.level, message: e.message, reason: "other"}
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
	r.AddAttrs(slog.Int("count", n))
	_ = s.out.Handle(context.Background(), r) // slog's own callers ignore it, too
}
