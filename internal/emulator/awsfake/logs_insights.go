package awsfake

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// usageQuery matches the queries of mcpctl usage. Its submatches are the filter for tool
// calls, the statistics, and the field by which sums or percentiles are grouped.
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
		return nil, newError("MalformedQueryException", "unexpected symbol in %q", in.QueryString)
	}
	if len(in.LogGroupNames) == 0 || len(in.LogGroupNames) > 50 || in.EndTime < in.StartTime {
		return nil, newError("InvalidParameterException", "1 to 50 log groups, and a time that does not end before it begins")
	}
	for _, group := range in.LogGroupNames {
		if _, ok := l.groups[group]; !ok {
			return nil, newError("ResourceNotFoundException", "Log group '%s' does not exist for account ID '%s'", group, l.o.Account)
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
		return nil, newError("ResourceNotFoundException", "Query '%s' does not exist", in.QueryID)
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
