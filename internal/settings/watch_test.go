package settings_test

import (
	"strings"
	"testing"

	"serverless-mcp/internal/settings"
)

func TestWatch(t *testing.T) {
	s, err := settings.Parse(map[string]string{"ALARMS": "true", "ALARM_EMAIL": "ops@example.com", "BUDGET_USD": "50"})
	if want := (settings.Watch{Alarms: true, Email: "ops@example.com", BudgetUSD: 50}); err != nil || s.Watch != want {
		t.Errorf("%+v, %v; want %+v", s.Watch, err, want)
	}
	for values, want := range map[string]string{
		"ALARM_EMAIL=ops@example.com":               "ALARM_EMAIL needs ALARMS=true or BUDGET_USD",
		"BUDGET_USD=5":                              "BUDGET_USD needs ALARM_EMAIL",
		"BUDGET_USD=-1 ALARM_EMAIL=a@b.example":     "BUDGET_USD -1 is out of range",
		"ALARMS=true ALARM_EMAIL=a@b.example,c@d.e": "need an e-mail address",
		"ALARMS=true ALARM_EMAIL=nobody":            "need an e-mail address",
	} {
		given := map[string]string{}
		for _, v := range strings.Fields(values) {
			name, value, _ := strings.Cut(v, "=")
			given[name] = value
		}
		if _, err := settings.Parse(given); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q in it", values, err, want)
		}
	}
}
