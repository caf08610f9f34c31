package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// rootCause is a problem that makes every request fail. It is reported once, and
// dependent checks are skipped.
type rootCause string

const (
	noRootCause rootCause = ""
	wrongPath   rootCause = "the path is wrong"
	redirects   rootCause = "the server redirects to another URL"
	serverFails rootCause = "the server fails"
	notMCP      rootCause = "the URL is not that of an MCP server"
)

// rootCause returns the problem that a response suggests.
func (r response) rootCause() rootCause {
	_, isMessage := r.message()
	switch {
	case r.status >= 500:
		return serverFails
	case isMessage:
		return noRootCause
	case r.status == http.StatusNotFound, r.status == http.StatusMethodNotAllowed:
		return wrongPath
	case r.status >= 300 && r.status < 400:
		return redirects
	case r.status < 300:
		return notMCP
	}
	return noRootCause
}

// isRootCause reports whether initialize with the key fails in the same way as the request
// that got r. If it does not, the problem is specific to that request. Without a key it
// returns true, because nothing contradicts the root cause.
func (s *session) isRootCause(ctx context.Context, r response) bool {
	if s.noKey != "" {
		return true
	}
	other, err := s.send(ctx, request{body: initialize, key: s.Key})
	return err != nil || other.rootCause() == r.rootCause()
}

// stop reports the root cause; all later checks are skipped.
func (s *session) stop(r response) Finding {
	cause := r.rootCause()
	s.rootCause = string(cause)
	const breaks = "every client"
	var f Finding
	switch cause {
	case wrongPath:
		f = failure(r.String(), breaks, "Check the path of the URL. The endpoints of this project end in /mcp; mcpctl url prints yours.")
	case redirects:
		f = failure(r.String()+" to "+shortened(r.header.Get("Location")), breaks+": the key is not sent along a redirect", "Use that URL, if you trust it.")
	case notMCP:
		f = failure(fmt.Sprintf("%s with the content type %q, not JSON-RPC", r, shortened(r.header.Get("Content-Type"))), breaks, "This may be the URL of a web page. Use that of the MCP endpoint; in this project it ends in /mcp.")
	default:
		f = failure("every request is answered with "+r.String(), breaks, failureAdvice(r.status))
	}
	return f.titled(string(cause))
}

// failureAdvice returns where to look for the cause of a status. The statuses of API
// Gateway are listed in
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html;
// the others come from proxies and load balancers.
func failureAdvice(status int) string {
	switch status {
	case http.StatusBadGateway:
		return "A proxy or load balancer got no valid response from the server: check whether it runs or crashes. Its log has the reason."
	case http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "The server is down, has no capacity, or takes longer than the gateway waits (API Gateway: 30 s). Its log has the reason."
	}
	return "The server's log has the reason. For a stack of this project, look at the authorizer's log first: it answers with 500 if it cannot read the keys."
}

// Waits before a throttled request is repeated: one second, then twice as long
// each time. If the server asks for more than longestWait, the request is not
// repeated.
const (
	firstWait   = time.Second
	longestWait = 30 * time.Second
	maxTries    = 5
)

// send sends a request and reads the response, or the first message of an event stream. It
// repeats the request while the server is throttled.
func (s *session) send(ctx context.Context, q request) (response, error) {
	var waited time.Duration
	for try := 1; ; try++ {
		r, err := s.roundTrip(ctx, q)
		if err != nil || r.status != http.StatusTooManyRequests {
			return r, err
		}
		wait := waitAfter(r.header, try)
		if try == maxTries || wait > longestWait {
			s.throttled = throttledFinding(r, waited, wait)
			return r, nil
		}
		if err := s.Sleep(ctx, wait); err != nil {
			return response{}, err
		}
		waited += wait
		s.waits++
		s.waited += wait
	}
}

// waitAfter returns how long to wait after a try: Retry-After in seconds, or a
// default.
func waitAfter(h http.Header, try int) time.Duration {
	if seconds, err := strconv.Atoi(h.Get("Retry-After")); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 24*60*60)) * time.Second
	}
	return firstWait << (try - 1)
}

func throttledFinding(r response, waited, wait time.Duration) *Finding {
	detail := fmt.Sprintf("%s, still after waiting %v", r, waited)
	if wait > longestWait {
		detail = fmt.Sprintf("%s, with Retry-After of %v", r, wait)
	}
	f := failure(detail, "every client, while it lasts",
		"Try again later. For a stack of this project the limit is shared by all callers: raise THROTTLE_RATE and THROTTLE_BURST and deploy. If there are no other callers, the account's limit of concurrent executions may be too low.").titled("requests are throttled")
	return &f
}

// throttleCheck reports how long the run has waited because of throttling.
func throttleCheck(_ context.Context, s *session) Finding {
	if s.waits == 0 {
		return ok("")
	}
	return ok(fmt.Sprintf("some of the many requests got 429; they were repeated after waiting %v in total", s.waited)).titled("requests are throttled, and accepted after a wait")
}

// sleep waits on the real clock.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// noResponse returns the finding if a request got no response.
func (s *session) noResponse(err error, breaks string) Finding {
	if errors.Is(err, context.DeadlineExceeded) {
		return failure(fmt.Sprintf("no response within %v", s.RequestTimeout), breaks, "The server's log has what it waits for. A function that runs longer than 29 s cannot respond.").titled("a request gets no response")
	}
	return failure("no response: "+strings.TrimPrefix(err.Error(), "http: "), breaks, "The connection broke after other requests had worked: try again, and read the log of the server and of any proxy in front of it.").titled("a request gets no response")
}
