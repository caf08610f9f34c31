package requestlog

import (
	"encoding/json"
	"time"

	"serverless-mcp/internal/limits"
)

// A Line is a line of a server's log.
type Line struct {
	At   time.Time
	Text string // as it was written, one JSON object

	fields map[string]any
}

// parseLine parses a line; ok is false if it is not a JSON object.
func parseLine(text string, at time.Time) (Line, bool) {
	l := Line{At: at, Text: text}
	if json.Unmarshal([]byte(text), &l.fields) != nil || l.fields == nil {
		return Line{}, false
	}
	if written, err := time.Parse(time.RFC3339, l.Field("timestamp")); err == nil && at.IsZero() {
		l.At = written
	}
	return l, true
}

// Field returns a string field, or "" if there is none. Names are case-sensitive: lines with
// metrics have Tool as well as tool.
func (l Line) Field(name string) string {
	text, _ := l.fields[name].(string)
	return text
}

// Number returns a numeric field; ok is false if there is none.
func (l Line) Number(name string) (n float64, ok bool) {
	n, ok = l.fields[name].(float64)
	return n, ok
}

// isRequest reports whether the line is about a request.
func (l Line) isRequest() bool { return l.Field("message") == "mcp request" }

// isProblem reports whether the line is about a fault of the server.
func (l Line) isProblem() bool {
	return l.Field("level") == "ERROR" || l.Field("message") == limits.Unavailable
}

// requests returns how many requests the line stands for.
func (l Line) requests() int {
	if n, ok := l.Number("count"); ok {
		return int(n)
	}
	return 1
}

// group returns the name of the line's group; ok is false if the line belongs to none.
func (l Line) group(by By) (name string, ok bool) {
	switch by {
	case ByKey:
		return l.Field("keyId"), true
	case ByTool:
		return l.Field("tool"), l.Field("tool") != ""
	case ByClient:
		return l.Field("client"), true
	}
	return l.At.UTC().Format(time.DateOnly), true
}
