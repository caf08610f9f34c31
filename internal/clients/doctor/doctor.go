// Package doctor examines an MCP endpoint, one of this project or any other. It reports
// what is wrong, which clients that affects, and what to do. Its checks are for faults that
// take people days to find: a key with a line break in it, a GET that is answered with 200,
// OAuth discovery that makes clients ignore their configured headers.
//
// Each file has a group of checks: key.go (offline), network.go, access.go,
// protocol.go, method.go, header.go, oauth.go and time.go; signin.go has the checks of an
// endpoint at which people sign in, issuer.go those of its issuer. rootcause.go recognizes
// problems that make every request fail, stack.go examines a deployed stack with facts from
// AWS. No check changes anything at the endpoint, and no finding contains the key.
package doctor

import (
	"context"
	"net/http"
	"time"
)

// Status is the outcome of a check.
type Status string

// The outcomes, from good to bad. Skipped means that the check did not run.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Failure Status = "failure"
	Skipped Status = "skipped"
)

// Finding is the result of one check.
type Finding struct {
	ID     string `json:"id"`               // of the check, such as "get"
	Title  string `json:"title"`            // what the check found; for a skipped check, its subject
	Status Status `json:"status"`           //
	Detail string `json:"detail,omitempty"` // what was observed; may contain text of the server
	Breaks string `json:"breaks,omitempty"` // which clients it breaks, and how
	Advice string `json:"advice,omitempty"` // what to do
}

// Options configure [Run].
type Options struct {
	URL string // the endpoint; required
	Key string // empty skips the checks that need one
	// Stage is the stage that the key should be for, "main" for the unnamed one;
	// empty means unknown.
	Stage string
	// Bearer sends the key as a bearer token in Authorization instead of in
	// x-api-key. If the path begins with /bearer/, the key is always sent this way.
	Bearer    bool
	Transport http.RoundTripper // nil means http.DefaultTransport
	Now       func() time.Time  // nil means time.Now
	// RequestTimeout limits each request; zero means 35 s, which is more than an
	// HTTP API allows.
	RequestTimeout time.Duration
	// Sleep waits before a throttled request is repeated; nil means a timer.
	Sleep func(context.Context, time.Duration) error
	// OnFinding is called with each finding as soon as it is known; nil means no callback.
	OnFinding func(Finding)
}

// check is one check of an endpoint.
type check struct {
	id      string
	subject string // title of a skipped check
	ok      string // title if nothing is wrong
	problem string // title otherwise, unless the finding has its own
	needs   need
	run     func(context.Context, *session) Finding
}

// need is what a check requires. Each need includes the ones before it.
type need int

const (
	needNothing  need = iota
	needResponse      // the endpoint responds
	needKey           // a key can be sent
	needTools         // tools/list works with the key in an older protocol
)

// checks returns all checks in order: later checks may use what earlier ones found out.
func checks() []check {
	return []check{
		{"key", "API key", "the API key is well-formed", "the API key is malformed", needNothing, keyCheck},
		{"dns", "host name", "the host name resolves", "the host name does not resolve", needNothing, dnsCheck},
		{"tls", "connection", "the server is reached over a private connection", "the server cannot be reached", needNothing, tlsCheck},
		{"no-key", "requests without a key", "requests without a key are rejected", "requests without a key are not rejected", needResponse, noKeyCheck},
		{"wrong-key", "requests with a wrong key", "requests with a wrong key are rejected", "requests with a wrong key are not rejected", needResponse, wrongKeyCheck},
		{"modern", "protocol 2026-07-28", "the key works in protocol 2026-07-28", "protocol 2026-07-28 does not work", needKey, modernCheck},
		{"older", "older protocols", "the key works in protocols 2025-11-25, 2025-06-18 and 2025-03-26", "the older protocols do not work", needKey, olderCheck},
		{"get", "GET", "GET is answered with 405 and Allow: POST", "GET is not answered with 405 and Allow: POST", needKey, getCheck},
		{"delete", "DELETE", "DELETE is answered with 405 and Allow: POST", "DELETE is not answered with 405 and Allow: POST", needKey, deleteCheck},
		{"unknown-method", "unknown method", "an unknown method gets the right error", "an unknown method does not get the error -32601", needTools, unknownMethodCheck},
		{"trailing-slash", "trailing slash", "the endpoint works with and without a trailing slash", "the endpoint depends on the trailing slash", needTools, slashCheck},
		{"accept", "Accept header", "responses do not depend on the Accept header", "responses depend on the Accept header", needTools, acceptCheck},
		{"session", "unknown session ID", "an unknown session ID does no harm", "an unknown session ID makes requests fail", needTools, sessionCheck},
		{"origin", "Origin header", "requests from other origins are rejected", "requests from other origins are not rejected", needTools, originCheck},
		{"oauth", "OAuth discovery", "no OAuth discovery is offered", "OAuth discovery is offered", needResponse, oauthCheck},
		{"first-response", "first response", "the first response is fast enough", "the first response is slow", needKey, firstResponseCheck},
		{"clock", "clocks", "the clocks agree", "the clocks disagree", needResponse, clockCheck},
		{"throttle", "throttling", "requests are not throttled", "requests are throttled", needResponse, throttleCheck},
	}
}

// Run examines the endpoint and returns one finding for each check, in a fixed
// order. An endpoint at which people sign in has its own checks, and those of [RunIssuer].
func Run(ctx context.Context, o Options) []Finding {
	s := newSession(o)
	var all []Finding
	for _, c := range checksFor(o.URL) {
		f := c.finding(ctx, s)
		if o.OnFinding != nil {
			o.OnFinding(f)
		}
		all = append(all, f)
	}
	s.close(ctx)
	if s.issuer != "" {
		all = append(all, RunIssuer(ctx, IssuerOptions{Issuer: s.issuer, Scopes: s.scopes, Transport: o.Transport, OnFinding: o.OnFinding})...)
	}
	return all
}

// finding runs the check and fills in ID and title.
func (c check) finding(ctx context.Context, s *session) Finding {
	f := c.result(ctx, s)
	f.ID = c.id
	if f.Title == "" {
		f.Title = map[Status]string{OK: c.ok, Skipped: c.subject, Warning: c.problem, Failure: c.problem}[f.Status]
	}
	return f
}

// result runs the check, or skips it if a need is not met.
func (c check) result(ctx context.Context, s *session) Finding {
	if why := s.unmet(c.needs); why != "" {
		return skipped(why)
	}
	f := c.run(ctx, s)
	switch {
	case ctx.Err() != nil:
		return skipped("interrupted")
	case s.throttled != nil:
		s.rootCause = "the server is throttled"
		return *s.throttled
	}
	return f
}

// Worst returns the worst status of the findings; skipped ones do not count.
func Worst(findings []Finding) Status {
	worst := OK
	for _, f := range findings {
		if f.Status == Failure || f.Status == Warning && worst == OK {
			worst = f.Status
		}
	}
	return worst
}

func ok(detail string) Finding { return Finding{Status: OK, Detail: detail} }

func skipped(why string) Finding { return Finding{Status: Skipped, Detail: why} }

func warning(detail, breaks, advice string) Finding {
	return Finding{Status: Warning, Detail: detail, Breaks: breaks, Advice: advice}
}

func failure(detail, breaks, advice string) Finding {
	return Finding{Status: Failure, Detail: detail, Breaks: breaks, Advice: advice}
}

// titled returns the finding with another title than the check's.
func (f Finding) titled(title string) Finding {
	f.Title = title
	return f
}
