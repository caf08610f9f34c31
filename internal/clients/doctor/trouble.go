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

// A trouble is a cause that spoils every answer, whatever is asked. It is told
// once, and what would only repeat it is left out.
type trouble string

const (
	noTrouble trouble = ""
	wrongPath trouble = "the path is wrong"
	moved     trouble = "the server points elsewhere"
	failing   trouble = "the server fails"
	noMCP     trouble = "what answers is no MCP server"
)

// trouble is what an answer would have in common with all others.
func (r reply) trouble() trouble {
	_, isMessage := r.message()
	switch {
	case r.status >= 500:
		return failing
	case isMessage:
		return noTrouble
	case r.status == http.StatusNotFound, r.status == http.StatusMethodNotAllowed:
		return wrongPath
	case r.status >= 300 && r.status < 400:
		return moved
	case r.status < 300:
		return noMCP
	}
	return noTrouble
}

// everywhere reports whether the plainest request with the key ends like r, a
// request of another kind: then it is not that kind which the server dislikes.
// Where there is no key to send, nothing speaks against it.
func (x *exam) everywhere(ctx context.Context, r reply) bool {
	if x.noKey != "" {
		return true
	}
	again, err := x.send(ctx, request{body: initialize, key: x.Key})
	return err != nil || again.trouble() == r.trouble()
}

// stop ends the examination with a trouble: the other checks are skipped.
func (x *exam) stop(r reply) Finding {
	x.over = string(r.trouble())
	switch r.trouble() {
	case wrongPath:
		return failure(r.String()+": no MCP server is at this path", "every client", "Check the path of the address. The endpoints of this project end in /mcp; mcpctl url prints yours.")
	case moved:
		return failure(r.String()+", to "+r.header.Get("Location"), "every client: the key is not sent along a redirect", "Use the address that it points to, if you trust it.")
	case noMCP:
		return failure(fmt.Sprintf("%s, and no JSON-RPC in it but %q", r, r.header.Get("Content-Type")), "every client", "Is this the address of a web page? Take that of the MCP endpoint; in this project it ends in /mcp.")
	}
	return failure(r.String()+", whatever is asked", "every client", failingAdvice(r.status))
}

// failingAdvice says where to look: who answers with which status is told by
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
// for the gateway; the others are those of proxies and load balancers.
func failingAdvice(status int) string {
	switch status {
	case http.StatusBadGateway:
		return "Something in front of the server got no proper answer from it: does it run, and does it crash? Its log says why."
	case http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return "The server is not there, has no room, or takes longer than what is in front of it waits (30 s at API Gateway): its log says which."
	}
	return "The log of the server says why. At a stack of this project, look at the authorizer's log first: it answers with 500 where it cannot read the keys."
}

// Waits between two tries of a request that was throttled: a second, then
// twice as long each time. A server that asks for longer than longestWait is
// not waited for.
const (
	firstWait   = time.Second
	longestWait = 30 * time.Second
	mostTries   = 5
)

// send sends a request and reads the answer; one that streams, up to the first
// message. It tries again when the server is throttled.
func (x *exam) send(ctx context.Context, q request) (reply, error) {
	var waited time.Duration
	for try := 1; ; try++ {
		r, err := x.once(ctx, q)
		if err != nil || r.status != http.StatusTooManyRequests {
			return r, err
		}
		pause := pauseOf(r.header, try)
		if try == mostTries || pause > longestWait {
			x.throttled = throttledFinding(r, waited, pause)
			return r, nil
		}
		if err := x.Wait(ctx, pause); err != nil {
			return reply{}, err
		}
		waited += pause
		x.waits++
		x.waited += pause
	}
}

// pauseOf is how long to wait after a try: what the server asks for, in whole
// seconds, or else our own.
func pauseOf(h http.Header, try int) time.Duration {
	if seconds, err := strconv.Atoi(h.Get("Retry-After")); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 24*60*60)) * time.Second
	}
	return firstWait << (try - 1)
}

func throttledFinding(r reply, waited, pause time.Duration) *Finding {
	detail := fmt.Sprintf("%s, and still after waiting %v", r, waited)
	if pause > longestWait {
		detail = fmt.Sprintf("%s, and it asks to come back in %v", r, pause)
	}
	f := failure(detail, "every client, while it lasts",
		"Try again later. At a stack of this project the limit is shared by all callers: raise THROTTLE_RATE and THROTTLE_BURST and deploy. If nobody else calls, the account may run too few functions at once.")
	return &f
}

// throttleCheck tells why the examination took its time.
func throttleCheck(_ context.Context, x *exam) Finding {
	if x.waits == 0 {
		return ok("")
	}
	return ok(fmt.Sprintf("it answered 429 to some of our many requests, and let us in after %v of waiting in all", x.waited))
}

// sleep is Options.Wait on the real clock.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// unanswered is the finding where no answer came.
func (x *exam) unanswered(err error, breaks string) Finding {
	if errors.Is(err, context.DeadlineExceeded) {
		return failure(fmt.Sprintf("no answer within %v", x.Patience), breaks, "The server's log says what it waits for. A function that takes longer than 29 s answers nobody.")
	}
	return failure("no answer: "+strings.TrimPrefix(err.Error(), "http: "), breaks, "The connection broke after others had worked: try again, and look into the log of the server and of any proxy in front of it.")
}
