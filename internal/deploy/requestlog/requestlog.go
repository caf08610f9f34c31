// Package requestlog reads the request lines of a server: usage by key, tool, client or day
// with CloudWatch Logs Insights, and the lines themselves with FilterLogEvents. For the
// local server it reads the server's files, with the same results.
//
// docs/operate.md describes the lines. Callers may have chosen any text in them, so print
// them with package printable.
package requestlog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"serverless-mcp/internal/metrics"
)

// By is what usage is grouped by.
type By string

// What usage can be grouped by.
const (
	ByKey    By = "key"
	ByTool   By = "tool"   // requests that call a registered tool only
	ByClient By = "client" // as clients name themselves
	ByDay    By = "day"    // in UTC
)

// Groupings lists what usage can be grouped by.
func Groupings() []By { return []By{ByKey, ByTool, ByClient, ByDay} }

// A Row is the usage of one key, tool, client or day, or of all of them.
type Row struct {
	Name     string  `json:"name"` // empty means unknown, such as the key of a request without one
	Requests int     `json:"requests"`
	Errors   int     `json:"errors"`   // tool errors, internal errors and timeouts
	Rejected int     `json:"rejected"` // requests that were not served
	P50Ms    float64 `json:"p50Ms"`    // of the requests whose duration is known; -1 means unknown
	P95Ms    float64 `json:"p95Ms"`
	Bytes    int64   `json:"bytes"`   // of the requests and responses
	CostUSD  float64 `json:"costUSD"` // estimate; without costs that do not depend on usage

	ms float64 // sum of the durations
}

// ErrorShare returns the share of the requests that ended with an error, 0 to 1.
func (r Row) ErrorShare() float64 {
	if r.Requests == 0 {
		return 0
	}
	return float64(r.Errors) / float64(r.Requests)
}

// A Report is the usage in a period.
type Report struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	By      By        `json:"by"`
	Rows    []Row     `json:"rows"` // most requests first; days in their order
	Total   Row       `json:"total"`
	Scanned Scanned   `json:"scanned"`
}

// Scanned is what was read for a report.
type Scanned struct {
	Groups  []string `json:"groups"` // the log groups, or the files of the local server
	Queries int      `json:"queries"`
	Bytes   float64  `json:"bytes"`
}

// USD returns the price of the queries: 0.005 USD for each GB that was scanned.
// https://aws.amazon.com/cloudwatch/pricing/
func (s Scanned) USD() float64 {
	if s.Queries == 0 {
		return 0
	}
	return s.Bytes / 1e9 * 0.005
}

// Price is what requests cost.
type Price struct{ Request, Millisecond float64 } // USD

// add adds the requests of one outcome.
func (r *Row) add(outcome string, requests int, ms float64, bytes int64) {
	r.Requests += requests
	r.ms += ms
	r.Bytes += bytes
	switch {
	case metrics.IsError(outcome):
		r.Errors += requests
	case metrics.IsRejected(outcome):
		r.Rejected += requests
	}
}

// newReport sorts rows and computes totals and costs.
func newReport(by By, from, to time.Time, rows map[string]*Row, price Price) Report {
	report := Report{From: from, To: to, By: by, Rows: []Row{}}
	report.Total.P50Ms, report.Total.P95Ms = -1, -1
	for _, r := range rows {
		r.CostUSD = price.Request*float64(r.Requests) + price.Millisecond*r.ms
		report.Rows = append(report.Rows, *r)
		total := &report.Total
		total.Requests, total.Errors, total.Rejected = total.Requests+r.Requests, total.Errors+r.Errors, total.Rejected+r.Rejected
		total.Bytes, total.CostUSD, total.ms = total.Bytes+r.Bytes, total.CostUSD+r.CostUSD, total.ms+r.ms
	}
	slices.SortFunc(report.Rows, func(a, b Row) int {
		if by == ByDay {
			return strings.Compare(a.Name, b.Name)
		}
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), strings.Compare(a.Name, b.Name))
	})
	return report
}

// row returns the row with a name, and adds it if it is missing.
func row(rows map[string]*Row, name string) *Row {
	r := rows[name]
	if r == nil {
		r = &Row{Name: name, P50Ms: -1, P95Ms: -1}
		rows[name] = r
	}
	return r
}

// checkName rejects names that cannot be part of a CloudWatch pattern: a quote would end the
// name, and an asterisk matches any text.
func checkName(what, name string) error {
	if name == "" || len(name) > 200 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' || strings.ContainsRune(`"\*`, r) }) {
		return fmt.Errorf("%s %q: need 1 to 200 printable ASCII characters without quotes, backslashes and asterisks", what, name)
	}
	return nil
}
