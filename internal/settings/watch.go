package settings

import (
	"errors"
	"strings"
)

// Watch are the settings of metrics, traces, alarms and the budget.
type Watch struct {
	// Alarms adds a dashboard and alarms.
	Alarms bool
	// Email receives the alarms and the budget's notifications; empty means none.
	Email string
	// Metrics is "true", "false" or empty, which means the value of Alarms.
	Metrics string
	// MetricsByKey adds a metric for each key.
	MetricsByKey bool
	// Tracing switches on Lambda's active tracing.
	Tracing bool
	// BudgetUSD is a monthly budget of the account; zero means none.
	BudgetUSD int
}

func watchSettings() []setting {
	return []setting{
		{
			name: "ALARMS", example: "true",
			help: "true adds a CloudWatch dashboard and alarms: errors, throttled calls, calls near their timeout, rejected requests.\n" +
				"An alarm costs 0.10 USD a month (a rate 0.20); 10 alarms and 3 dashboards of an account are free.",
			set: func(s *Settings, v string) error { return setBool(&s.Watch.Alarms, v) },
		},
		{
			name: "METRICS", example: "true",
			help: "true creates CloudWatch metrics from the log: duration and errors of each tool, rejected requests, age of the keys.\n" +
				"Default: true if ALARMS is. A metric costs 0.30 USD a month (10 of an account are free): ten tools are about 35.",
			set: func(s *Settings, v string) error { return oneOf(&s.Watch.Metrics, v, "true", "false") },
		},
		{
			name: "METRICS_BY_KEY", fallback: "false",
			help: "true adds the duration and number of calls of each key: 0.30 USD a month for each key that is used.\n" +
				"Without it, mcpctl usage --by key reads them from the log.",
			set: func(s *Settings, v string) error { return setBool(&s.Watch.MetricsByKey, v) },
		},
		{
			name: "TRACING", fallback: "false",
			help: "true turns on Lambda's active tracing (X-Ray): 5 USD for a million traces, of which AWS samples about 5 %.",
			set:  func(s *Settings, v string) error { return setBool(&s.Watch.Tracing, v) },
		},
		{
			name: "ALARM_EMAIL", example: "ops@example.com",
			help: "Address for alarms and the budget. AWS sends a message with a link that must be confirmed first.",
			set: func(s *Settings, v string) error {
				return matching(&s.Watch.Email, v, form{`[^\s@,<>"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`, "an e-mail address"})
			},
		},
		{
			name: "BUDGET_USD", fallback: "0",
			help: "Monthly budget of the whole account in USD, 0 (none) to 1000000. AWS notifies ALARM_EMAIL at 80 % and if the forecast\n" +
				"exceeds it, some hours late; this stops nothing.",
			set: func(s *Settings, v string) error { return within(&s.Watch.BudgetUSD, v, 0, 1000000) },
		},
	}
}

// HasMetrics reports whether the servers write metrics.
func (s Settings) HasMetrics() bool {
	return s.Watch.Metrics == "true" || s.Watch.Metrics == "" && s.Watch.Alarms
}

// addMetricsEnv adds the variables of metrics, none if they are off.
func (s Settings) addMetricsEnv(env map[string]string) {
	if !s.HasMetrics() {
		return
	}
	env[EnvMetricsServer] = s.FullStackName()
	if s.Watch.MetricsByKey {
		env[EnvMetricsByKey] = "true"
	}
}

// checkWatch checks settings of the alarms that depend on each other.
func checkWatch(s Settings) error {
	var problems []string
	if s.Watch.Email != "" && !s.Watch.Alarms && s.Watch.BudgetUSD == 0 {
		problems = append(problems, "ALARM_EMAIL needs ALARMS=true or BUDGET_USD")
	}
	if s.Watch.BudgetUSD > 0 && s.Watch.Email == "" {
		problems = append(problems, "BUDGET_USD needs ALARM_EMAIL")
	}
	if s.Watch.MetricsByKey && !s.HasMetrics() {
		problems = append(problems, "METRICS_BY_KEY needs METRICS=true")
	}
	if s.Watch.Tracing && len(s.Shapes) == 1 && s.Has(ShapeContainer) {
		problems = append(problems, "TRACING is for Lambda functions: the shape container has none")
	}
	if problems == nil {
		return nil
	}
	return errors.New(strings.Join(problems, "; "))
}
