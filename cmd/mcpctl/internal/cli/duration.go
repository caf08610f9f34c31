package cli

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// ParseDuration parses a duration in Go's form or in whole days (d) or weeks (w).
// The flag is for the error.
func ParseDuration(flag, text string) (time.Duration, error) {
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
