package keys

import (
	"fmt"
	"time"

	"serverless-mcp/cmd/mcpctl/internal/cli"
)

// parseEnd parses an expiry: a duration from now, or a date, whose whole day (UTC) is
// included. Empty text means never and returns the zero time.
func parseEnd(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	end, err := time.Parse("2006-01-02", text)
	if err == nil {
		end = end.AddDate(0, 0, 1)
	} else {
		d, err := cli.ParseDuration(flag, text)
		if err != nil {
			return time.Time{}, fmt.Errorf("%w, or a date such as 2027-02-28", err)
		}
		end = now.Add(d).UTC().Truncate(time.Second)
	}
	if end.Year() > 9999 { // JSON has no such time
		return time.Time{}, fmt.Errorf("%s %s is after the year 9999, need an earlier date", flag, text)
	}
	if !end.After(now) {
		return time.Time{}, fmt.Errorf("%s %s is in the past", flag, text)
	}
	return end, nil
}
