package limits

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Text returns the refusal in words that a model understands: "limit of 60 calls a
// minute for key alice; again in 23 s".
func (r Refusal) Text(keyID string, now time.Time) string {
	period, hint := "a minute", ""
	if r.Per == Day {
		period, hint = "a day (UTC)", ". Do not retry before that"
	}
	noun := "calls"
	if r.Limit == 1 {
		noun = "call"
	}
	return fmt.Sprintf("limit of %d %s %s for key %s; again in %s%s", r.Limit, noun, period, keyID, wait(r.Seconds(now)), hint)
}

// Seconds returns the whole seconds until a call can pass, at least 1.
func (r Refusal) Seconds(now time.Time) int {
	return max(1, int(math.Ceil(r.Until.Sub(now).Seconds())))
}

// wait formats seconds: "23 s", "5 min" or "7 h 5 min", rounded up to minutes.
func wait(seconds int) string {
	minutes := (seconds + 59) / 60
	switch {
	case seconds < 120:
		return strconv.Itoa(seconds) + " s"
	case minutes < 60:
		return strconv.Itoa(minutes) + " min"
	case minutes%60 == 0:
		return strconv.Itoa(minutes/60) + " h"
	}
	return fmt.Sprintf("%d h %d min", minutes/60, minutes%60)
}
