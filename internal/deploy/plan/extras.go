package plan

import "serverless-mcp/internal/settings"

func domain(s settings.Settings) []Item {
	var items []Item
	if s.Domain.Name == "" {
		return nil
	}
	if s.Has(settings.ShapeStream) {
		items = append(items, distribution())
	}
	if s.Domain.Certificates == nil {
		items = append(items, Item{Name: "certificate", Count: 1})
	}
	if s.Domain.HostedZone != "" {
		// One record for the HTTP API, and one for each IP version of a CloudFront distribution.
		records := 2 * len(s.DomainNames())
		if s.Has(settings.ShapeHTTPAPI) {
			records--
		}
		items = append(items, Item{Name: "DNS record", Count: records})
	}
	return items
}

// alarms returns the items for alarms, which are billed by the metric. The first ten
// metrics and three dashboards of an account are free, which is not considered here.
func alarms(s settings.Settings) []Item {
	var measured []Item
	if s.HasMetrics() {
		measured = []Item{
			{Name: "dashboard", Count: 1, MonthlyUSD: 3.00},
			{Name: "custom metric", Count: 5, MonthlyUSD: 5 * 0.30, Usage: "two more for each tool that is called, one for each reason of a rejection: 0.30 USD a month each"},
		}
	}
	if !s.Watch.Alarms {
		return measured
	}
	n, metrics := 0, 0
	if s.Has(settings.ShapeHTTPAPI) {
		n, metrics = n+8, metrics+11 // two functions and the API
	}
	if s.Has(settings.ShapeStream) {
		n, metrics = n+3, metrics+4
	}
	if s.Has(settings.ShapeContainer) {
		n, metrics = n+2, metrics+3
	}
	if s.Jobs {
		n, metrics = n+5, metrics+6
	}
	if measured == nil {
		measured = []Item{{Name: "dashboard", Count: 1, MonthlyUSD: 3.00}}
	} else {
		n, metrics = n+3, metrics+4
		if s.KeyLimits {
			n, metrics = n+1, metrics+1
		}
	}
	return append([]Item{{Name: "alarm", Count: n, MonthlyUSD: 0.10 * float64(metrics)}}, measured...)
}

// logGroups returns the number of log groups: one for each function, the HTTP API and the
// container.
func logGroups(s settings.Settings) int {
	n := 0
	if s.Has(settings.ShapeHTTPAPI) {
		n += 3
		if s.PublicPage {
			n++
		}
	}
	for _, shape := range []string{settings.ShapeStream, settings.ShapeContainer} {
		if s.Has(shape) {
			n++
		}
	}
	if s.Jobs {
		n++
	}
	return n
}
