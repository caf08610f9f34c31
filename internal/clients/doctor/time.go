package doctor

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Clients wait 5 to 10 s for the first response, and then silently show no tools.
const (
	slow    = 5 * time.Second
	tooSlow = 10 * time.Second
)

func firstResponseCheck(_ context.Context, s *session) Finding {
	detail := fmt.Sprintf("%d ms", s.responseTime.Milliseconds())
	const advice = "Find out what the start waits for. A larger MEMORY_MB also gives more CPU."
	switch {
	case !s.responded:
		return skipped("there was no response")
	case s.responseTime >= tooSlow:
		return failure(detail, "clients that wait 10 s or less: their list of tools stays empty", advice)
	case s.responseTime >= slow:
		return warning(detail, "clients that wait 5 s: their list of tools stays empty after a cold start", advice)
	}
	return ok(detail)
}

// clockCheck compares this machine's clock with the Date header. The expiry of
// keys and AWS's signatures depend on both clocks.
func clockCheck(_ context.Context, s *session) Finding {
	server, err := http.ParseTime(s.date)
	if err != nil {
		return skipped("the responses have no Date header")
	}
	skew := server.Sub(s.dateAt).Abs().Round(time.Second)
	detail := fmt.Sprintf("they differ by %v", skew)
	const advice = "Let this machine set its clock from the network."
	switch {
	case skew > 5*time.Minute:
		return failure(detail, "deploying and mcpctl keys: AWS rejects signatures that are more than 5 minutes off", advice)
	case skew > time.Minute:
		return warning(detail, "keys with an expiry: they expire that much earlier or later", advice)
	}
	return ok("")
}
