package keys

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// parseDuration parses a duration in Go's form or in whole days (d) or weeks (w).
// The flag is for the error.
func parseDuration(flag, text string) (time.Duration, error) {
	units := map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour}
	if m := regexp.MustCompile(`^([0-9]{1,4})([dw])$`).FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1]) // four digits
		return time.Duration(n) * units[m[2]], nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%s %q is not a duration such as 90d, 12h or 2w", flag, text)
	}
	return d, nil
}

// parseEnd parses an expiry: a duration from now, or a date, whose day (UTC) is
// included. Empty text means never and returns the zero time.
func parseEnd(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	end, err := time.Parse("2006-01-02", text)
	if err == nil {
		end = end.AddDate(0, 0, 1)
	} else {
		d, err := parseDuration(flag, text)
		if err != nil {
			return time.Time{}, fmt.Errorf("%w, or a date such as 2027-02-28", err)
		}
		end = now.Add(d).UTC().Truncate(time.Second)
	}
	if !end.After(now) {
		return time.Time{}, fmt.Errorf("%s %s is in the past", flag, text)
	}
	return end, nil
}
