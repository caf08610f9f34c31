package awsfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
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
	// MaxRows is how many rows a query returns at most; zero means 10,000.
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
// patterns of mcpctl logs. Any other query and pattern is an error.
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
		_ = json.Unmarshal([]byte(e.Message), &parsed.fields) // a line that is no JSON has no fields
		l.groups[group] = append(l.groups[group], parsed)
	}
}

// Stopped returns how many queries were stopped.
func (l *Logs) Stopped() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stopped
}

// usageQuery matches the queries of mcpctl usage. Its parts are a filter for tools,
// the statistics, the field of the group, and what the rows are sorted by.
var usageQuery = regexp.MustCompile(`^filter message = "mcp request"( and ispresent\(tool\))? \| stats ` +
	"(?:(sum\\(coalesce\\(`count`, 1\\)\\) as requests, sum\\(durationMs\\) as ms, sum\\(bytesIn\\) as received, sum\\(bytesOut\\) as sent) by (keyId|tool|client|bin\\(1d\\)) as name, outcome \\| sort requests desc \\| limit 10000" +
	`|pct\(durationMs, 50\) as p50, pct\(durationMs, 95\) as p95, count\(\*\) as n by (keyId|tool|client|bin\(1d\)) as name \| sort n desc \| limit 10000` +
	`|pct\(durationMs, 50\) as p50, pct\(durationMs, 95\) as p95)$`)

func (l *Logs) startQuery(in struct {
	LogGroupNames      []string
	QueryString        string
	StartTime, EndTime int64
}) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !usageQuery.MatchString(in.QueryString) {
		return nil, refuse("MalformedQueryException", "unexpected symbol in %q", in.QueryString)
	}
	if len(in.LogGroupNames) == 0 || len(in.LogGroupNames) > 50 || in.EndTime < in.StartTime {
		return nil, refuse("InvalidParameterException", "1 to 50 log groups, and a time that does not end before it begins")
	}
	for _, group := range in.LogGroupNames {
		if _, ok := l.groups[group]; !ok {
			return nil, refuse("ResourceNotFoundException", "Log group '%s' does not exist for account ID '%s'", group, l.o.Account)
		}
	}
	id := uuid.NewString()
	l.queries[id] = &logQuery{text: in.QueryString, from: time.Unix(in.StartTime, 0), to: time.Unix(in.EndTime+1, 0), groups: in.LogGroupNames}
	return map[string]string{"queryId": id}, nil
}

func (l *Logs) stopQuery(in struct{ QueryID string }) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped++
	return map[string]bool{"success": true}, nil
}

type resultField struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

func (l *Logs) queryResults(in struct{ QueryID string }) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queries[in.QueryID]
	if q == nil {
		return nil, refuse("ResourceNotFoundException", "Query '%s' does not exist", in.QueryID)
	}
	running := 1
	if l.o.Running != nil {
		running = l.o.Running(q.text)
	}
	if q.polls++; q.polls <= running {
		return map[string]any{"status": "Running", "results": [][]resultField{}, "statistics": map[string]float64{}}, nil
	}
	status := ""
	if l.o.Status != nil {
		status = l.o.Status(q.text, q.from, q.to)
	}
	rows, scanned := l.rows(q)
	return map[string]any{"status": cmp.Or(status, "Complete"), "results": rows, "statistics": map[string]float64{"bytesScanned": scanned}}, nil
}

// logBucket collects what the statistics of one group need.
type logBucket struct {
	name, outcome      string
	requests           float64
	ms, received, sent float64
	durations          []float64
	lines              int
}

// rows executes a query.
func (l *Logs) rows(q *logQuery) (rows [][]resultField, scanned float64) {
	parts := usageQuery.FindStringSubmatch(q.text)
	field, byOutcome := cmp.Or(parts[3], parts[4]), parts[2] != ""
	buckets := map[[2]string]*logBucket{}
	for _, group := range q.groups {
		for _, e := range l.groups[group] {
			if e.at.Before(q.from) || !e.at.Before(q.to) {
				continue
			}
			scanned += float64(len(e.message))
			_, hasTool := e.fields["tool"]
			if e.fields["message"] != "mcp request" || parts[1] != "" && !hasTool {
				continue
			}
			key := [2]string{fieldOf(e, field)}
			if byOutcome {
				key[1] = fieldOf(e, "outcome")
			}
			b := buckets[key]
			if b == nil {
				b = &logBucket{name: key[0], outcome: key[1]}
				buckets[key] = b
			}
			b.add(e)
		}
	}
	var all []*logBucket
	for _, b := range buckets {
		all = append(all, b)
	}
	slices.SortFunc(all, func(a, b *logBucket) int {
		return cmp.Or(cmp.Compare(b.requests, a.requests), cmp.Compare(a.name, b.name), cmp.Compare(a.outcome, b.outcome))
	})
	all = all[:min(len(all), cmp.Or(l.o.MaxRows, 10_000))]
	rows = [][]resultField{}
	for _, b := range all {
		rows = append(rows, b.row(byOutcome, field != ""))
	}
	return rows, scanned
}

// fieldOf returns the text of a field, or the day of a line.
func fieldOf(e logEvent, field string) string {
	if field == "bin(1d)" {
		return e.at.UTC().Format("2006-01-02") + " 00:00:00.000"
	}
	text, _ := e.fields[field].(string)
	return text
}

func (b *logBucket) add(e logEvent) {
	number := func(field string) float64 { n, _ := e.fields[field].(float64); return n }
	b.lines++
	if _, ok := e.fields["count"]; ok {
		b.requests += number("count")
	} else {
		b.requests++
	}
	b.ms, b.received, b.sent = b.ms+number("durationMs"), b.received+number("bytesIn"), b.sent+number("bytesOut")
	if _, ok := e.fields["durationMs"]; ok {
		b.durations = append(b.durations, number("durationMs"))
	}
}

// row returns a row of the results. A field without a value is missing.
func (b *logBucket) row(counts, grouped bool) (row []resultField) {
	add := func(field, value string) {
		if value != "" {
			row = append(row, resultField{field, value})
		}
	}
	text := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	if grouped {
		add("name", b.name)
	}
	if counts {
		add("outcome", b.outcome)
		add("requests", text(b.requests))
		if len(b.durations) > 0 {
			add("ms", text(b.ms))
			add("received", text(b.received))
			add("sent", text(b.sent))
		}
		return row
	}
	if slices.Sort(b.durations); len(b.durations) > 0 {
		rank := func(p float64) float64 {
			return b.durations[max(0, int(math.Ceil(p/100*float64(len(b.durations))))-1)]
		}
		add("p50", text(rank(50)))
		add("p95", text(rank(95)))
	}
	if grouped {
		add("n", strconv.Itoa(b.lines))
	}
	return row
}

// The patterns of mcpctl logs: conditions that all hold, or any line of level ERROR or
// with a message.
var (
	logPattern   = regexp.MustCompile(`^\{ (?:\((.*)\) \|\| \$\.level = "ERROR" \|\| \$\.message = "([^"\\*]*)"|(.*)) \}$`)
	logCondition = regexp.MustCompile(`^\$\.(message|keyId|tool|outcome) (=|!=) "([^"\\*]*)"$`)
)

// matcher returns the function of a pattern.
func matcher(pattern string) (func(logEvent) bool, error) {
	invalid := refuse("InvalidParameterException", "Invalid filter pattern %q", pattern)
	parts := logPattern.FindStringSubmatch(pattern)
	if parts == nil {
		return nil, invalid
	}
	var conditions [][]string
	for condition := range strings.SplitSeq(cmp.Or(parts[1], parts[3]), " && ") {
		c := logCondition.FindStringSubmatch(condition)
		if c == nil {
			return nil, invalid
		}
		conditions = append(conditions, c)
	}
	return func(e logEvent) bool {
		if parts[1] != "" && (e.fields["level"] == "ERROR" || e.fields["message"] == parts[2]) {
			return true
		}
		for _, c := range conditions {
			value, ok := e.fields[c[1]].(string)
			if !ok || (value == c[3]) != (c[2] == "=") {
				return false
			}
		}
		return true
	}, nil
}

func (l *Logs) filterEvents(in struct {
	LogGroupName, FilterPattern, NextToken string
	StartTime, EndTime                     int64
}) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	events, ok := l.groups[in.LogGroupName]
	if !ok {
		return nil, refuse("ResourceNotFoundException", "The specified log group does not exist.")
	}
	matches, err := matcher(in.FilterPattern)
	if err != nil {
		return nil, err
	}
	found := []map[string]any{}
	for _, e := range events {
		if at := e.at.UnixMilli(); at >= in.StartTime && at <= in.EndTime && matches(e) {
			found = append(found, map[string]any{"eventId": e.id, "timestamp": at, "message": e.message, "logStreamName": "stream"})
		}
	}
	from, _ := strconv.Atoi(in.NextToken)
	size := cmp.Or(l.o.PageSize, 10_000)
	page := map[string]any{"events": found[min(from, len(found)):min(from+size, len(found))], "searchedLogStreams": []any{}}
	if from+size < len(found) {
		page["nextToken"] = fmt.Sprint(from + size)
	}
	return page, nil
}
