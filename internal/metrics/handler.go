package metrics

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
)

// Handler returns a handler that writes JSON lines to w: all lines of at least the
// options' level, and lines with metrics at every level.
func (o Options) Handler(w io.Writer, options *slog.HandlerOptions) slog.Handler {
	out := &writer{w: w}
	level := slog.LevelInfo
	if options.Level != nil {
		level = options.Level.Level()
	}
	return &handler{Handler: slog.NewJSONHandler(out, options), o: o, level: level, out: out}
}

type handler struct {
	slog.Handler // writes to out
	out          *writer
	o            Options
	level        slog.Level
	line         line // from [slog.Logger.With]
	group        bool // attributes are in a group, so they have other names
}

// line holds the fields of a log line that metrics are derived from.
type line struct {
	message, outcome, reason, tool, keyID string
	status, count                         int
	durationMs, keyringAgeMs              float64 // the value plus one; zero means none
	cold                                  bool
}

// Enabled implements [slog.Handler]. Lines with metrics have at least the level INFO.
func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= min(h.level, slog.LevelInfo)
}

// Handle implements [slog.Handler].
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	if measured := h.measure(r); !measured && r.Level < h.level {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// writer adds members to the line that a JSON handler writes. As attributes, they would
// be encoded twice, which takes longer than the rest of the line.
type writer struct {
	mu   sync.Mutex // held while a line is measured and written
	w    io.Writer
	next document // of the next line
	line []byte
}

// Write implements [io.Writer]. p is one line.
func (w *writer) Write(p []byte) (int, error) {
	if w.next.isEmpty() {
		return w.w.Write(p)
	}
	w.line = append(w.line[:0], bytes.TrimSuffix(p, []byte("}\n"))...)
	w.line = append(w.next.appendMembers(w.line), "}\n"...)
	if _, err := w.w.Write(w.line); err != nil {
		return 0, err
	}
	return len(p), nil
}

// WithAttrs implements [slog.Handler].
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.Handler = h.Handler.WithAttrs(attrs)
	if !h.group {
		for _, a := range attrs {
			with.line.set(a)
		}
	}
	return &with
}

// WithGroup implements [slog.Handler].
func (h *handler) WithGroup(name string) slog.Handler {
	with := *h
	with.Handler, with.group = h.Handler.WithGroup(name), h.group || name != ""
	return &with
}

func (l *line) set(a slog.Attr) {
	switch a.Key {
	case "outcome":
		l.outcome = a.Value.String()
	case "reason":
		l.reason = a.Value.String()
	case "tool":
		l.tool = a.Value.String()
	case "keyId":
		l.keyID = a.Value.String()
	case "status":
		l.status = int(number(a.Value))
	case "count":
		l.count = int(number(a.Value))
	case "durationMs":
		l.durationMs = 1 + number(a.Value)
	case "keyringAgeMs":
		l.keyringAgeMs = 1 + number(a.Value)
	case "coldStart":
		l.cold = a.Value.Kind() == slog.KindBool && a.Value.Bool()
	}
}

func number(v slog.Value) float64 {
	switch v.Kind() {
	case slog.KindFloat64:
		return v.Float64()
	case slog.KindInt64:
		return float64(v.Int64())
	}
	return 0
}

// measure prepares the metrics of a record's line, and reports whether it has any.
func (h *handler) measure(r slog.Record) bool {
	d := &h.out.next
	d.reset(r.Time)
	switch r.Message {
	case requestMessage, authorizerMessage, startMessage, outageMessage, limitsMessage:
	default:
		return false
	}
	if h.group {
		return false
	}
	l := h.line
	l.message = r.Message
	r.Attrs(func(a slog.Attr) bool {
		l.set(a)
		return true
	})
	h.o.fill(d, l)
	return !d.isEmpty()
}

// fill adds the metrics of a line to a document.
func (o Options) fill(d *document, l line) {
	d.text(Server, o.Server)
	n := float64(max(1, l.count))
	switch l.message {
	case startMessage, outageMessage:
		d.add(KeyringFailures, "Count", n)
	case limitsMessage:
		d.add(LimitsUnavailable, "Count", n)
	case authorizerMessage:
		d.addKeyringAge(l)
		if l.reason == keysUnread {
			d.add(KeyringFailures, "Count", n)
		}
		if o.Authorizer && (l.outcome == "denied" || l.outcome == "undecided") {
			d.refuse(n, reasonOf(l))
		}
	case requestMessage:
		if IsRejected(l.outcome) {
			d.refuse(n, reasonOf(l))
		} else {
			d.serve(l, n, o.ByKey)
		}
		if l.cold {
			d.add(ColdStart, "Count", 1)
		}
		d.addKeyringAge(l) // without a gateway, where the server checks the keys
	}
}
