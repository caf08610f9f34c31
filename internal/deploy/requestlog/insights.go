package requestlog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"serverless-mcp/internal/deploy/deployed"
)

// maxRows is the maximum number of rows that a query returns.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatchlogs_limits.html
const maxRows = 10_000

const (
	pollInterval = time.Second     // between reads of a query's results
	retryDelay   = 5 * time.Second // before another query starts, if too many run
	maxRetries   = 24
	minSplit     = time.Hour // a query for less time is not split
)

// fields maps groupings to fields of Logs Insights.
var fields = map[By]string{ByKey: "keyId", ByTool: "tool", ByClient: "client", ByDay: "bin(1d)"}

// filter returns the query command that selects the request lines. No text in a query comes
// from a caller or from the command line.
func filter(by By) string {
	if by == ByTool {
		return `filter message = "mcp request" and ispresent(tool)`
	}
	return `filter message = "mcp request"`
}

// countQuery sums requests by group and outcome. Sums can be added, within a group and over
// several queries. A line that stands for several requests has their number in count.
func countQuery(by By) string {
	return filter(by) + " | stats sum(coalesce(`count`, 1)) as requests, sum(durationMs) as ms, sum(bytesIn) as received, sum(bytesOut) as sent by " +
		fields[by] + " as name, outcome | sort requests desc | limit " + strconv.Itoa(maxRows)
}

// percentileQuery returns percentiles by group. They cannot be added, so totalQuery returns
// those of all requests.
func percentileQuery(by By) string {
	return filter(by) + " | stats pct(durationMs, 50) as p50, pct(durationMs, 95) as p95, count(*) as n by " +
		fields[by] + " as name | sort n desc | limit " + strconv.Itoa(maxRows)
}

func totalQuery(by By) string {
	return filter(by) + " | stats pct(durationMs, 50) as p50, pct(durationMs, 95) as p95"
}

// Insights reads the request lines of a deployed stack.
type Insights struct {
	Stack *deployed.Stack
	Price Price
	// Progress is called while queries run, with the step and the bytes scanned so far;
	// nil means no callback.
	Progress func(step string, scanned float64)
	// Sleep waits; required.
	Sleep func(context.Context, time.Duration) error

	scanned Scanned
	client  *cloudwatchlogs.Client
}

// Groups returns the log groups of a stack that have request lines, including those of jobs.
func Groups(s *deployed.Stack) ([]string, error) {
	var groups []string
	for _, output := range []string{"McpLogGroup", "McpStreamLogGroup", "McpContainerLogGroup", "JobLogGroup"} {
		if name, err := s.Output(output); err == nil {
			groups = append(groups, name)
		}
	}
	if groups == nil {
		return nil, fmt.Errorf("%s has no output with the name of a log group: deploy it again", s)
	}
	return groups, nil
}

// Usage returns the usage of a stack by key, tool, client or day.
func (q *Insights) Usage(ctx context.Context, by By, from, to time.Time) (Report, error) {
	groups, err := Groups(q.Stack)
	if err != nil {
		return Report{}, err
	}
	q.client, q.scanned = cloudwatchlogs.NewFromConfig(q.Stack.Config), Scanned{Groups: groups}
	rows := map[string]*Row{}
	if err := q.count(ctx, by, from, to, rows); err != nil {
		return Report{}, err
	}
	report := newReport(by, from, to, rows, q.Price)
	report.Scanned = q.scanned
	if len(rows) == 0 {
		return report, nil
	}
	percentiles, err := q.run(ctx, "percentiles", percentileQuery(by), from, to)
	if err != nil {
		return Report{}, err
	}
	known := map[string]result{}
	for _, r := range percentiles {
		known[r.name(by)] = r
	}
	for i := range report.Rows {
		if r, ok := known[report.Rows[i].Name]; ok {
			report.Rows[i].P50Ms, report.Rows[i].P95Ms = r.number("p50"), r.number("p95")
		}
	}
	total, err := q.run(ctx, "percentiles of all", totalQuery(by), from, to)
	if err != nil {
		return Report{}, err
	}
	if len(total) == 1 {
		report.Total.P50Ms, report.Total.P95Ms = total[0].number("p50"), total[0].number("p95")
	}
	report.Scanned = q.scanned
	return report, nil
}

// errTimeout is returned for a query that took longer than an hour.
var errTimeout = errors.New("the query timed out")

// count adds the counts to rows. If there are more groups than a query returns, or the query
// times out, count queries each half of the period separately.
func (q *Insights) count(ctx context.Context, by By, from, to time.Time, rows map[string]*Row) error {
	results, err := q.run(ctx, "requests", countQuery(by), from, to)
	full := len(results) >= maxRows
	if (full || errors.Is(err, errTimeout)) && to.Sub(from) > minSplit {
		middle := from.Add(to.Sub(from) / 2).Truncate(time.Second)
		// A query includes the lines of its last second.
		if err := q.count(ctx, by, from, middle.Add(-time.Second), rows); err != nil {
			return err
		}
		return q.count(ctx, by, middle, to, rows)
	}
	if err != nil {
		return err
	}
	if full {
		return fmt.Errorf("over %d groups in the hour from %s: group by something else", maxRows, from.UTC().Format(time.RFC3339))
	}
	for _, r := range results {
		row(rows, r.name(by)).add(r["outcome"], int(r.sum("requests")), r.sum("ms"), int64(r.sum("received")+r.sum("sent")))
	}
	return nil
}

// run runs a query and waits until it has ended.
func (q *Insights) run(ctx context.Context, step, query string, from, to time.Time) ([]result, error) {
	id, err := q.start(ctx, query, from, to)
	if err != nil {
		return nil, err
	}
	q.scanned.Queries++
	for {
		out, err := q.client.GetQueryResults(ctx, &cloudwatchlogs.GetQueryResultsInput{QueryId: &id})
		if err != nil {
			q.stop(ctx, id)
			return nil, q.Stack.Explain("read the results of a query", err)
		}
		var bytes float64
		if out.Statistics != nil {
			bytes = out.Statistics.BytesScanned
		}
		if q.Progress != nil {
			q.Progress(step, q.scanned.Bytes+bytes)
		}
		switch out.Status {
		case types.QueryStatusScheduled, types.QueryStatusRunning:
			if err := q.Sleep(ctx, pollInterval); err != nil {
				q.stop(ctx, id)
				return nil, err
			}
			continue
		case types.QueryStatusComplete:
			q.scanned.Bytes += bytes
			return decode(out.Results), nil
		case types.QueryStatusTimeout:
			q.scanned.Bytes += bytes
			return nil, errTimeout
		}
		return nil, fmt.Errorf("query the log: CloudWatch ended the query with the status %s; its results are incomplete", out.Status)
	}
}

// stop stops a query, which would otherwise continue and be billed. It ignores errors, since
// the query ends by itself.
func (q *Insights) stop(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_, _ = q.client.StopQuery(ctx, &cloudwatchlogs.StopQueryInput{QueryId: &id})
}

// start starts a query, and waits if the account runs too many.
func (q *Insights) start(ctx context.Context, query string, from, to time.Time) (string, error) {
	for attempt := 0; ; attempt++ {
		out, err := q.client.StartQuery(ctx, &cloudwatchlogs.StartQueryInput{
			LogGroupNames: q.scanned.Groups, QueryString: &query, StartTime: aws.Int64(from.Unix()), EndTime: aws.Int64(to.Unix()),
		})
		if err == nil {
			return aws.ToString(out.QueryId), nil
		}
		var limit *types.LimitExceededException
		var throttled *types.ThrottlingException
		if !errors.As(err, &limit) && !errors.As(err, &throttled) || attempt >= maxRetries {
			return "", q.Stack.Explain("query the log", err)
		}
		if q.Progress != nil {
			q.Progress("waiting: the account runs too many queries", q.scanned.Bytes)
		}
		if err := q.Sleep(ctx, retryDelay); err != nil {
			return "", err
		}
	}
}

// A result is a row of a query's results. A field without a value is missing.
type result map[string]string

func decode(rows [][]types.ResultField) (all []result) {
	for _, fields := range rows {
		r := result{}
		for _, f := range fields {
			r[aws.ToString(f.Field)] = aws.ToString(f.Value)
		}
		all = append(all, r)
	}
	return all
}

// name returns the name of the row's group. A day is the start of its bin.
func (r result) name(by By) string {
	if by == ByDay {
		day, _, _ := strings.Cut(r["name"], " ")
		return day
	}
	return r["name"]
}

// number returns the value of a field, or -1 if it is missing.
func (r result) number(field string) float64 {
	n, err := strconv.ParseFloat(r[field], 64)
	if err != nil {
		return -1
	}
	return n
}

// sum returns the value of a sum, or 0 if no line had the field.
func (r result) sum(field string) float64 { return max(0, r.number(field)) }
