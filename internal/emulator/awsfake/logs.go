package awsfake

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// LogsOptions configure the fake CloudWatch Logs.
type LogsOptions struct {
	Options

	// Running returns how often GetQueryResults reports a query as Running before it is
	// complete; nil means once.
	Running func(query string) int
	// Status returns the status with which a query ends, such as Failed or Timeout; nil,
	// or an empty text, means Complete.
	Status func(query string, from, to time.Time) string
	// MaxRows is the maximum number of rows that a query returns; zero means 10,000.
	MaxRows int
	// PageSize is the number of events on a page of FilterLogEvents; zero means 10,000.
	PageSize int
}

// A LogEvent is a line in a log group.
type LogEvent struct {
	At      time.Time
	Message string
}

// Logs is a fake of CloudWatch Logs with the operations StartQuery, GetQueryResults and
// StopQuery, for exactly the queries of mcpctl usage, and FilterLogEvents, for the
// patterns of mcpctl logs. Any other query or pattern is an error.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/
type Logs struct {
	http.Handler
	o LogsOptions

	mu      sync.Mutex
	groups  map[string][]logEvent
	queries map[string]*logQuery
	stopped int
}

type logEvent struct {
	id, message string
	at          time.Time
	fields      map[string]any
}

type logQuery struct {
	text     string
	from, to time.Time
	groups   []string
	polls    int
}

// NewLogs returns a fake with these log groups.
func NewLogs(o LogsOptions, groups ...string) *Logs {
	o.Options = o.Options.withDefaults()
	l := &Logs{o: o, groups: map[string][]logEvent{}, queries: map[string]*logQuery{}}
	for _, name := range groups {
		l.groups[name] = nil
	}
	l.Handler = o.serveJSON("1.1", "Logs_20140328", map[string]operation{
		"StartQuery": decoded(l.startQuery), "GetQueryResults": decoded(l.queryResults), "StopQuery": decoded(l.stopQuery),
		"FilterLogEvents": decoded(l.filterEvents),
	})
	return l
}

// Add appends lines to a log group.
func (l *Logs) Add(group string, events ...LogEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		parsed := logEvent{id: strconv.Itoa(len(l.groups[group])) + "@" + group, message: e.Message, at: e.At}
		_ = json.Unmarshal([]byte(e.Message), &parsed.fields) // a line that is not JSON has no fields
		l.groups[group] = append(l.groups[group], parsed)
	}
}

// Stopped returns how many queries were stopped.
func (l *Logs) Stopped() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stopped
}
