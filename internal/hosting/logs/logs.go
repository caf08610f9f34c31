// Package logs makes the logger of the Lambda functions: one JSON object a
// line, with the names that Lambda's JSON log format looks for, so that
// CloudWatch filters by level and shows the function's own time.
//
// Lambda takes a line without "level" for INFO and one without an RFC 3339
// "timestamp" for written when it arrived:
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
package logs

import (
	"io"
	"log/slog"
	"strings"
	"time"
)

// New makes a logger that writes lines of at least the given level to w:
//
//	{"timestamp":"2026-11-21T12:00:00.123Z","level":"WARN","message":"…", …}
func New(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: rename}))
}

// Level is the level of that name, in any case: debug, info, warn or error. Any
// other name is INFO: a misspelt level must not silence a function.
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

// rename turns slog's own fields into Lambda's and leaves the fields of the
// caller alone, which may have the same names.
func rename(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch value := a.Value.Any().(type) {
	case time.Time:
		if a.Key == slog.TimeKey {
			return slog.String("timestamp", value.UTC().Format("2006-01-02T15:04:05.000Z"))
		}
	case slog.Level:
		if a.Key == slog.LevelKey {
			return slog.String("level", name(value))
		}
	case string:
		if a.Key == slog.MessageKey {
			a.Key = "message"
		}
	}
	return a
}

// name is one of the four levels that Lambda knows; slog has others between
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
