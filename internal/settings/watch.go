package settings

import (
	"errors"
	"strings"
)

// Watch are the settings of alarms and of the budget.
type Watch struct {
	// Alarms adds a dashboard and alarms.
	Alarms bool
	// Email receives the alarms and the budget's notifications; empty means none.
	Email string
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
			name: "ALARM_EMAIL", example: "ops@example.com",
			help: "Address for alarms and the budget. AWS sends a message with a link that must be confirmed first.",
			set: func(s *Settings, v string) error {
				return matching(&s.Watch.Email, v, form{`[^\s@,<>"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`, "an e-mail address"})
			},
		},
		{
			name: "BUDGET_USD", fallback: "0",
			help: "Monthly budget of the whole account in USD, 0 (none) to 1000000. AWS notifies ALARM_EMAIL at 80 % and if the forecast\n" +
				"exceeds it, some hours late: it is no limit.",
			set: func(s *Settings, v string) error { return within(&s.Watch.BudgetUSD, v, 0, 1000000) },
		},
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
	if problems == nil {
		return nil
	}
	return errors.New(strings.Join(problems, "; "))
}
