// Package doctor examines an MCP endpoint, ours or anyone's, and says what is
// wrong, which clients it breaks and what to do. The faults that it knows are
// those that people lose days to: a key with a newline in it, a 200 where only
// 405 is safe, discovery documents that make clients forget their headers.
//
// One file a group of checks: key.go (offline), network.go, access.go, era.go,
// method.go, header.go, oauth.go, time.go; trouble.go knows the causes that
// spoil every answer. None of them changes anything at the endpoint, and none
// prints the key.
package doctor

import (
	"context"
	"net/http"
	"time"
)

// A Status is what a check came to.
type Status string

// From good to bad, and not looked at.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Failure Status = "failure"
	Skipped Status = "skipped"
)

// A Finding is the result of one check.
type Finding struct {
	ID     string `json:"id"`               // of the check, such as "get"
	Title  string `json:"title"`            // what should be so
	Status Status `json:"status"`           //
	Detail string `json:"detail,omitempty"` // what was seen
	Breaks string `json:"breaks,omitempty"` // which clients it breaks, and how
	Advice string `json:"advice,omitempty"` // what to do
}

// Options say what is examined.
type Options struct {
	URL string // the endpoint; required
	Key string // empty skips what needs one
	// Stage is the one that the key should be for, "main" for the unnamed one;
	// empty means that it is not known.
	Stage string
	// Bearer sends the key as a bearer token in Authorization instead of as
	// x-api-key. At an address whose path begins with /bearer/ it always goes
	// that way.
	Bearer bool
	Base   http.RoundTripper // what carries the requests; nil means http.DefaultTransport
	Now    func() time.Time  // nil means time.Now
	// Patience is how long an answer may take; zero means 35 s, which is more
	// than an HTTP API allows.
	Patience time.Duration
	// Wait waits before a request that was throttled is tried again; nil means
	// to really wait.
	Wait func(context.Context, time.Duration) error
	// Each is called with every finding as soon as it is there; nil means
	// nobody wants to know.
	Each func(Finding)
}

// A check looks at one thing.
type check struct {
	id, title string
	needs     need
	run       func(context.Context, *exam) Finding
}

// A need is what must be there for a check to make sense.
type need int

const (
	nothing need = iota
	network      // the endpoint answers at all
	theKey       // and there is a key that can be sent
	theList      // and it lists its tools to the key, in an older protocol
)

// checks are all checks in their order: each later one may build on what the
// earlier ones found out.
func checks() []check {
	return []check{
		{"key", "the key is whole", nothing, keyCheck},
		{"dns", "the host name is known", nothing, dnsCheck},
		{"tls", "the server is reached over a private connection", nothing, tlsCheck},
		{"no-key", "nobody comes in without a key", network, noKeyCheck},
		{"wrong-key", "nobody comes in with a wrong key", network, wrongKeyCheck},
		{"modern", "the key works, protocol 2026-07-28", theKey, modernCheck},
		{"older", "the key works, protocols 2025-11-25, 2025-06-18 and 2025-03-26", theKey, olderCheck},
		{"get", "GET is answered with 405 and Allow: POST", theKey, getCheck},
		{"delete", "DELETE is answered with 405 and Allow: POST", theKey, deleteCheck},
		{"unknown-method", "an unknown method is an error, and no more", theList, unknownMethodCheck},
		{"trailing-slash", "the address works with and without a slash at the end", theList, slashCheck},
		{"accept", "answers do not depend on the Accept header", theList, acceptCheck},
		{"session", "a stale session does no harm", theList, sessionCheck},
		{"origin", "foreign web pages are refused", theList, originCheck},
		{"oauth", "there are no OAuth documents", network, oauthCheck},
		{"first-answer", "the first answer comes in time", theKey, firstAnswerCheck},
		{"clock", "the clocks agree", network, clockCheck},
		{"throttle", "the throttle lets a caller through", network, throttleCheck},
	}
}

// Run examines the endpoint. It always comes to an end, with a finding for
// every check.
func Run(ctx context.Context, o Options) []Finding {
	x := newExam(o)
	var all []Finding
	for _, c := range checks() {
		f := x.look(ctx, c)
		f.ID, f.Title = c.id, c.title
		if o.Each != nil {
			o.Each(f)
		}
		all = append(all, f)
	}
	x.leave(ctx)
	return all
}

// look runs a check, if there is a point in it.
func (x *exam) look(ctx context.Context, c check) Finding {
	if why := x.missing(c.needs); why != "" {
		return Finding{Status: Skipped, Detail: why}
	}
	f := c.run(ctx, x)
	switch {
	case ctx.Err() != nil:
		return Finding{Status: Skipped, Detail: "it was interrupted"}
	case x.throttled != nil:
		x.over = "the server is throttled"
		return *x.throttled
	}
	return f
}

// Worst is the worst status of the findings.
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

func warning(detail, breaks, advice string) Finding {
	return Finding{Status: Warning, Detail: detail, Breaks: breaks, Advice: advice}
}

func failure(detail, breaks, advice string) Finding {
	return Finding{Status: Failure, Detail: detail, Breaks: breaks, Advice: advice}
}
