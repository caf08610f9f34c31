package requestlog_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/deploy/requestlog"
	"serverless-mcp/internal/emulator/awsfake"
)

var (
	end   = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	start = end.AddDate(0, 0, -3)
)

// hostile lists client names that must neither break a query nor be lost.
var hostile = []string{
	"Cursor", "claude-code", "", `x" | stats count(*) by @message`, "`count`", "total", "a,b;c", "\u202eabc", "name', \"n\": 1}", "(unknown)", "=1+1", strings.Repeat("n", 64),
}

// generateLines returns n request lines with random keys, tools, clients and outcomes.
func generateLines(n int) (lines []awsfake.LogEvent) {
	r := rand.New(rand.NewPCG(3, 4))
	outcomes := []string{"ok", "ok", "ok", "ok", "tool error", "error", "timeout", "rejected", "over limit", "not found or not allowed", "cancelled"}
	for i := range n {
		at := start.Add(time.Duration(r.Int64N(int64(end.Sub(start)))))
		line := map[string]any{"timestamp": at.Format("2006-01-02T15:04:05.000Z"), "level": "INFO", "message": "mcp request", "requestId": fmt.Sprint(i), "outcome": outcomes[r.IntN(len(outcomes))]}
		if r.IntN(20) > 0 {
			line["keyId"] = fmt.Sprint("key-", r.IntN(300))
		}
		if client := hostile[r.IntN(len(hostile))]; client != "" {
			line["client"] = client
		}
		if r.IntN(3) > 0 {
			line["tool"], line["Tool"] = fmt.Sprint("tool_", r.IntN(10)), "a dimension"
		}
		if r.IntN(50) == 0 { // a summary of several rejected requests
			line["outcome"], line["count"] = "rejected", 1+r.IntN(1000)
			delete(line, "tool")
		} else {
			line["durationMs"], line["bytesIn"], line["bytesOut"] = float64(r.IntN(1_000_000))/1000, r.IntN(5000), r.IntN(50_000)
		}
		text, _ := json.Marshal(line)
		lines = append(lines, awsfake.LogEvent{At: at, Message: string(text)})
	}
	noise := []string{`{"message":"authorizer result","outcome":"denied","keyId":"key-1","count":7}`, `START RequestId: 1`, `{"message":"listening"}`, `[1]`, ``}
	for _, text := range noise {
		lines = append(lines, awsfake.LogEvent{At: start.Add(time.Hour), Message: text})
	}
	const outside = `{"message":"mcp request","outcome":"ok","keyId":"outside"}`
	return append(lines, awsfake.LogEvent{At: start.Add(-time.Hour), Message: outside}, awsfake.LogEvent{At: end.Add(time.Hour), Message: outside})
}

// parsed is a request line with the fields that usage is computed from.
type parsed struct {
	at         time.Time
	names      map[requestlog.By]string
	outcome    string
	requests   int
	durationMs float64 // negative means none
	bytes      int64
}

// parse returns the request lines in the period of the tests.
func parse(lines []awsfake.LogEvent) (all []parsed) {
	for _, e := range lines {
		var fields map[string]any
		if json.Unmarshal([]byte(e.Message), &fields) != nil || fields["message"] != "mcp request" || e.At.Before(start) || e.At.After(end) {
			continue
		}
		text := func(name string) string { s, _ := fields[name].(string); return s }
		number := func(name string, otherwise float64) float64 {
			if n, ok := fields[name].(float64); ok {
				return n
			}
			return otherwise
		}
		all = append(all, parsed{
			e.At, map[requestlog.By]string{requestlog.ByKey: text("keyId"), requestlog.ByClient: text("client"), requestlog.ByTool: text("tool"), requestlog.ByDay: e.At.Format("2006-01-02")},
			text("outcome"), int(number("count", 1)), number("durationMs", -1), int64(number("bytesIn", 0) + number("bytesOut", 0)),
		})
	}
	return all
}

// expectedReport computes a report independently of the code under test.
func expectedReport(lines []parsed, by requestlog.By) (rows map[string]requestlog.Row, total requestlog.Row) {
	rows = map[string]requestlog.Row{}
	durations := map[string][]float64{}
	for _, line := range lines {
		if by == requestlog.ByTool && line.names[by] == "" {
			continue
		}
		for _, name := range []string{"row " + line.names[by], "total"} {
			r := rows[name]
			r.Requests, r.Bytes = r.Requests+line.requests, r.Bytes+line.bytes
			switch line.outcome {
			case "tool error", "error", "timeout":
				r.Errors += line.requests
			case "rejected", "over limit", "not found or not allowed":
				r.Rejected += line.requests
			}
			if line.durationMs >= 0 {
				durations[name] = append(durations[name], line.durationMs)
			}
			rows[name] = r
		}
	}
	for name, r := range rows {
		r.Name = strings.TrimPrefix(name, "row ")
		values := durations[name]
		slices.Sort(values)
		r.P50Ms, r.P95Ms = -1, -1
		if n := len(values); n > 0 {
			r.P50Ms, r.P95Ms = values[(n+1)/2-1], values[(95*n+99)/100-1]
		}
		rows[name] = r
	}
	total = rows["total"]
	delete(rows, "total")
	total.Name = ""
	return rows, total
}

func checkReport(t *testing.T, report requestlog.Report, lines []parsed, by requestlog.By) {
	t.Helper()
	rows, total := expectedReport(lines, by)
	got := map[string]requestlog.Row{}
	for _, r := range report.Rows {
		r.CostUSD = 0
		if _, twice := got["row "+r.Name]; twice {
			t.Errorf("%q has two rows", r.Name)
		}
		got["row "+r.Name] = r
	}
	report.Total.CostUSD = 0
	ignore := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".ms" }, cmp.Ignore())
	if diff := cmp.Diff(rows, got, ignore); diff != "" {
		t.Errorf("by %s: rows (-want +got):\n%.2000s", by, diff)
	}
	if diff := cmp.Diff(total, report.Total, ignore); diff != "" {
		t.Errorf("by %s: total (-want +got):\n%s", by, diff)
	}
}

// account starts a fake of CloudWatch Logs and of the stack that writes to it.
func account(t *testing.T, o awsfake.LogsOptions) (*awsfake.Logs, *deployed.Stack) {
	t.Helper()
	o.Region = "eu-central-1"
	logs := awsfake.NewLogs(o, "mcp-log", "stream-log", "job-log")
	for name, h := range map[string]*httptest.Server{
		"CLOUDWATCH_LOGS": httptest.NewServer(logs),
		"CLOUDFORMATION":  httptest.NewServer(awsfake.NewCloudFormation(awsfake.Options{Region: "eu-central-1"}, awsfake.Stack{Name: "S", Outputs: map[string]string{"McpLogGroup": "mcp-log", "McpStreamLogGroup": "stream-log", "JobLogGroup": "job-log"}})),
	} {
		t.Cleanup(h.Close)
		t.Setenv("AWS_ENDPOINT_URL_"+name, h.URL)
	}
	for name, value := range map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_PROFILE": "", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
		"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	stack, err := deployed.Find(t.Context(), deployed.Options{Name: "S"})
	if err != nil {
		t.Fatal(err)
	}
	stack.Config.Retryer = func() aws.Retryer { return aws.NopRetryer{} } // the SDK's pauses cannot be replaced
	return logs, stack
}

func noWait(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// TestUsageIsACountOfTheLines compares the totals and every row of a report on 20,000 lines
// with an independent count, for the deployed stack and for the local server.
func TestUsageIsACountOfTheLines(t *testing.T) {
	const n = 20_000
	lines := generateLines(n)
	logs, stack := account(t, awsfake.LogsOptions{})
	logs.Add("mcp-log", lines[:n/2]...)
	logs.Add("stream-log", lines[n/2:n/4*3]...)
	logs.Add("job-log", lines[n/4*3:]...)
	file := requestlog.Files{Path: filepath.Join(t.TempDir(), "requests.jsonl")}
	recorder := file.Recorder()
	for _, l := range lines[:n/5] {
		fmt.Fprintln(recorder, l.Message)
	}
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	all, first := parse(lines), parse(lines[:n/5])
	for _, by := range requestlog.Groupings() {
		q := requestlog.Insights{Stack: stack, Sleep: noWait}
		report, err := q.Usage(t.Context(), by, start, end)
		if err != nil {
			t.Fatal(err)
		}
		checkReport(t, report, all, by)
		if report.Scanned.Queries != 3 || report.Scanned.Bytes < 100*n || report.Scanned.USD() <= 0 {
			t.Errorf("scanned %+v", report.Scanned)
		}
		here, err := file.Usage(by, start, end, requestlog.Price{})
		if err != nil {
			t.Fatal(err)
		}
		checkReport(t, here, first, by)
	}
}

// TestUsageSplits: if there are more groups than a query returns, or a query times out, the
// halves of the period are counted separately.
func TestUsageSplits(t *testing.T) {
	lines := generateLines(3000)
	logs, stack := account(t, awsfake.LogsOptions{Status: func(query string, from, to time.Time) string {
		if strings.Contains(query, "requests") && to.Sub(from) > 13*time.Hour {
			return "Timeout"
		}
		return ""
	}})
	logs.Add("mcp-log", lines...)
	q := requestlog.Insights{Stack: stack, Sleep: noWait}
	report, err := q.Usage(t.Context(), requestlog.ByKey, start, end)
	if err != nil {
		t.Fatal(err)
	}
	checkReport(t, report, parse(lines), requestlog.ByKey)
	if report.Scanned.Queries < 10 {
		t.Errorf("%d queries", report.Scanned.Queries)
	}

	many := generateLines(0)
	for i := range 12_000 {
		at := start.Add(time.Duration(i) * 20 * time.Second)
		many = append(many, awsfake.LogEvent{At: at, Message: fmt.Sprintf(`{"message":"mcp request","outcome":"ok","client":"client %d"}`, i)})
	}
	logs.Add("stream-log", many...)
	q = requestlog.Insights{Stack: stack, Sleep: noWait}
	if report, err = q.Usage(t.Context(), requestlog.ByClient, start, end); err != nil {
		t.Fatal(err)
	}
	checkReport(t, report, parse(append(lines, many...)), requestlog.ByClient)
}

// TestUsageOfOne: a report on a single key, tool or client has percentiles and cost.
func TestUsageOfOne(t *testing.T) {
	logs, stack := account(t, awsfake.LogsOptions{})
	line := func(outcome string, ms int) awsfake.LogEvent {
		return awsfake.LogEvent{At: start.Add(time.Hour), Message: fmt.Sprintf(`{"timestamp":%q,"message":"mcp request","outcome":%q,"keyId":"ada","durationMs":%d}`, start.Add(time.Hour).Format(time.RFC3339), outcome, ms)}
	}
	lines := []awsfake.LogEvent{line("ok", 100), line("ok", 300), line("error", 200), line("ok", 400)}
	logs.Add("mcp-log", lines...)
	price := requestlog.Price{Request: 0.5, Millisecond: 0.001}
	q := requestlog.Insights{Stack: stack, Sleep: noWait, Price: price}
	remote, err := q.Usage(t.Context(), requestlog.ByKey, start, end)
	if err != nil {
		t.Fatal(err)
	}
	file := requestlog.Files{Path: filepath.Join(t.TempDir(), "requests.jsonl")}
	recorder := file.Recorder()
	for _, l := range append(lines, awsfake.LogEvent{Message: "null"}) {
		fmt.Fprintln(recorder, l.Message)
	}
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	local, err := file.Usage(requestlog.ByKey, start, end, price)
	if err != nil {
		t.Fatal(err)
	}
	for where, report := range map[string]requestlog.Report{"stack": remote, "local": local} {
		for _, r := range append(report.Rows, report.Total) {
			if r.Requests != 4 || r.ErrorShare() != 0.25 || r.P50Ms != 200 || r.P95Ms != 400 || r.CostUSD != 4*0.5+1000*0.001 {
				t.Errorf("%s: %+v, error share %v", where, r, r.ErrorShare())
			}
		}
		if len(report.Rows) != 1 || report.Rows[0].Name != "ada" {
			t.Errorf("%s: rows %+v", where, report.Rows)
		}
	}
	if got := (requestlog.Row{}).ErrorShare(); got != 0 {
		t.Errorf("error share %v of no requests", got)
	}
	if got := remote.Scanned.USD(); got != remote.Scanned.Bytes/1e9*0.005 {
		t.Errorf("the queries of %v bytes cost %v USD", remote.Scanned.Bytes, got)
	}
}

// TestUsageOfTooManyGroups: too many groups within an hour are an error, because the report
// would be incomplete.
func TestUsageOfTooManyGroups(t *testing.T) {
	logs, stack := account(t, awsfake.LogsOptions{})
	var lines []awsfake.LogEvent
	for i := range 10_001 {
		lines = append(lines, awsfake.LogEvent{At: start.Add(time.Hour), Message: fmt.Sprintf(`{"message":"mcp request","outcome":"ok","client":"client %d"}`, i)})
	}
	logs.Add("mcp-log", lines...)
	q := requestlog.Insights{Stack: stack, Sleep: noWait}
	report, err := q.Usage(t.Context(), requestlog.ByClient, start, end)
	if err == nil || !strings.Contains(err.Error(), "over 10000 groups in the hour from") || report.Rows != nil {
		t.Errorf("%d rows, %v; want an error", len(report.Rows), err)
	}
}

func TestUsageFails(t *testing.T) {
	busy := 0
	for name, test := range map[string]struct {
		o    awsfake.LogsOptions
		want string // in the error; empty means success
	}{
		"a query fails": {awsfake.LogsOptions{Status: func(string, time.Time, time.Time) string { return "Failed" }}, "ended the query with the status Failed; its results are incomplete"},
		"only the last fails": {awsfake.LogsOptions{Status: func(query string, _, _ time.Time) string {
			if strings.HasSuffix(query, "as p95") {
				return "Cancelled"
			}
			return ""
		}}, "status Cancelled"},
		"too many queries": {awsfake.LogsOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
			if busy++; op == "StartQuery" && busy < 8 {
				return &awsfake.Fault{Error: &awsfake.Error{Code: "LimitExceededException", Message: "Account maximum query concurrency limit reached"}}
			}
			return nil
		}}}, ""},
		"not allowed": {awsfake.LogsOptions{Options: awsfake.Options{Fail: func(op string) *awsfake.Fault {
			return &awsfake.Fault{Error: &awsfake.Error{Code: "AccessDeniedException", Message: "not authorized to perform: logs:" + op}}
		}}}, "query the log: not allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			logs, stack := account(t, test.o)
			logs.Add("mcp-log", generateLines(10)...)
			q := requestlog.Insights{Stack: stack, Sleep: noWait}
			report, err := q.Usage(t.Context(), requestlog.ByKey, start, end)
			if test.want == "" && (err != nil || report.Total.Requests == 0) || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%+v, %v; want %q", report.Total, err, test.want)
			}
		})
	}
}

// TestInterruptedQueryIsStopped: an interrupted query is stopped, so that the rest of it is
// not billed.
func TestInterruptedQueryIsStopped(t *testing.T) {
	logs, stack := account(t, awsfake.LogsOptions{Running: func(string) int { return 100 }})
	ctx, cancel := context.WithCancel(t.Context())
	q := requestlog.Insights{Stack: stack, Sleep: func(context.Context, time.Duration) error { cancel(); return context.Canceled }}
	if _, err := q.Usage(ctx, requestlog.ByKey, start, end); !errors.Is(err, context.Canceled) || logs.Stopped() != 1 {
		t.Errorf("%v; %d queries stopped", err, logs.Stopped())
	}
}
