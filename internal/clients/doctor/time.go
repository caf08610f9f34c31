package doctor

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Clients give up on the first answer after 5 to 10 s, and drop the server's
// tools without a word.
const (
	slow    = 5 * time.Second
	tooSlow = 10 * time.Second
)

func firstAnswerCheck(_ context.Context, x *exam) Finding {
	detail := fmt.Sprintf("%d ms", x.first.Milliseconds())
	const advice = "More MEMORY_MB means more processor time; and look for what the start waits for."
	switch {
	case !x.answered:
		return Finding{Status: Skipped, Detail: "there was no answer"}
	case x.first >= tooSlow:
		return failure(detail, "clients that wait 10 s or less: their list of tools stays empty", advice)
	case x.first >= slow:
		return warning(detail, "clients that wait 5 s: their list of tools stays empty after a cold start", advice)
	}
	return ok(detail)
}

// clockCheck compares this machine's clock with the Date header. The end of a
// key, and AWS's signatures, depend on both.
func clockCheck(_ context.Context, x *exam) Finding {
	there, err := http.ParseTime(x.date)
	if err != nil {
		return Finding{Status: Skipped, Detail: "the server does not tell the time"}
	}
	skew := there.Sub(x.dateAt).Abs().Round(time.Second)
	detail := fmt.Sprintf("they are %v apart", skew)
	switch {
	case skew > 5*time.Minute:
		return failure(detail, "deploying and mcpctl keys: AWS refuses signatures that are over 5 minutes off", "Let this machine set its clock by the network.")
	case skew > time.Minute:
		return warning(detail, "keys that end: they end that much earlier or later", "Let this machine set its clock by the network.")
	}
	return ok("")
}
