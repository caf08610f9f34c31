// Package logs creates the logger of the functions and the container: one JSON
// object a line, with the field names of Lambda's JSON log format, so that
// CloudWatch filters by level and shows the time of the event.
//
// Lambda treats a line without "level" as INFO, and gives a line without an
// RFC 3339 "timestamp" the time of its arrival:
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
//
// The authorizer, the MCP function and the container use one vocabulary, so that
// one query spans them: "requestId", "keyId", "method", "tool", "outcome",
// "reason", "error", "durationMs". Lines about requests that were not served are
// aggregated, so that a flood of bad requests writes few of them.
package logs

import (
	"io"
	"log/slog"
	"strings"
	"time"

	"serverless-mcp/internal/metrics"
)

// New returns a logger that writes lines of at least the given level to w:
//
//	{"timestamp":"2026-11-21T12:00:00.123Z","level":"WARN","message":"…", …}
//
// Lines about requests that were not served are aggregated: of those with the same
// message, level, reason, outcome, status, code, keyId and tool, it writes one a second,
// with their number in "count".
func New(w io.Writer, level slog.Level) *slog.Logger {
	return NewWithMetrics(w, level, metrics.Options{})
}

// NewWithMetrics is like New and adds metrics to the lines, which are written at
// every level if they have any.
func NewWithMetrics(w io.Writer, level slog.Level, m metrics.Options) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: rename}
	if m.Server == "" {
		return slog.New(newAggregate(slog.NewJSONHandler(w, options)))
	}
	return slog.New(newAggregate(m.Handler(w, options)))
}

// Level returns the level with that name, in any case: debug, info, warn or error.
// Any other name is INFO: a misspelled level must not silence a function.
func Level(name string) slog.Level {
	switch strings.ToUpper(name) {
	case "DEBUG":
		return slog.LevelDebug
	case "WARN":
		return slog.LevelWarn
	case "ERROR":
		return slog.LevelError
	}
	return slog.LevelInfo
}

// rename renames slog's own fields to Lambda's. It leaves the caller's fields
// unchanged, even if they have the same names.
func rename(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key { // checked before the value, because Any allocates memory
	case slog.TimeKey:
		if at, ok := a.Value.Any().(time.Time); ok {
			return slog.String("timestamp", at.UTC().Format("2006-01-02T15:04:05.000Z"))
		}
	case slog.LevelKey:
		if level, ok := a.Value.Any().(slog.Level); ok {
			return slog.String("level", name(level))
		}
	case slog.MessageKey:
		if a.Value.Kind() == slog.KindString {
			a.Key = "message"
		}
	}
	return a
}

// name returns one of the four levels that Lambda knows; slog has levels between
// them, such as "INFO+2".
func name(level slog.Level) string {
	switch {
	case level < slog.LevelInfo:
		return "DEBUG"
	case level < slog.LevelWarn:
		return "INFO"
	case level < slog.LevelError:
		return "WARN"
	}
	return "ERROR"
}
