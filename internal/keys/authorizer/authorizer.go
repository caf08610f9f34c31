// Package authorizer decides who may call the API: it is the REQUEST authorizer
// of an HTTP API, payload format 2.0, with the simple response.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
//
// The gateway keeps allow and deny alike for the cache time and gives them to
// whoever sends the same identity source. So the decision is made from the
// identity source alone, deny is only said of a key that was checked, and all
// else is an error: the client gets 500 and the next request asks again.
package authorizer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"serverless-mcp/internal/keys/apikey"
)

// What Decide ends with, if not with a principal. ErrUndecided is all that the
// gateway hears of an error.
var (
	ErrDenied    = errors.New("the key opens nothing")
	ErrUndecided = errors.New("the request can be neither allowed nor denied")
)

// Request and Response are what the gateway sends and expects.
type (
	Request  = events.APIGatewayV2CustomAuthorizerV2Request
	Response = events.APIGatewayV2CustomAuthorizerSimpleResponse
)

// Question is a key that somebody sent, and what the log is to know of them.
type Question struct {
	Key     string // as it was sent, with the scheme Bearer or without one
	Request string // the request's id
	Route   string // where to, such as "POST /mcp"
	Client  string // the user agent
}

// Options of an [Authorizer].
type Options struct {
	// Lookup is who a key belongs to, as keystore.Reader.Lookup answers;
	// required. A false with a named principal stands for a revoked key.
	Lookup func(ctx context.Context, plain string) (apikey.Principal, bool, error)

	Log *slog.Logger     // a line for each decision; nil means none
	Now func() time.Time // nil means time.Now
}

// Authorizer answers the gateway.
type Authorizer struct{ o Options }

// New makes an authorizer.
func New(o Options) *Authorizer {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Authorizer{o: o}
}

// Why a key was refused, in the log.
const (
	malformed = "malformed" // it can be no key of anybody
	unknown   = "unknown"   // it is in no list
	expired   = "expired"
	revoked   = "revoked" // this instance saw it in an earlier list
)

// Handle answers one request, as a Lambda handler.
func (a *Authorizer) Handle(ctx context.Context, r Request) (Response, error) {
	q := Question{Request: r.RequestContext.RequestID, Route: r.RouteKey, Client: r.RequestContext.HTTP.UserAgent}
	if len(r.IdentitySource) == 1 {
		q.Key = r.IdentitySource[0]
	} else {
		err := fmt.Errorf("the authorizer is configured with %d identity sources, need 1", len(r.IdentitySource))
		return Response{}, a.undecided(ctx, q, err)
	}
	p, err := a.Decide(ctx, q)
	switch {
	case errors.Is(err, ErrDenied):
		return Response{IsAuthorized: false}, nil
	case err != nil:
		return Response{}, err
	}
	return Response{IsAuthorized: true, Context: p.Context()}, nil
}

// Decide says whose key it is, for a server that no gateway stands in front
// of. The error is [ErrDenied] or [ErrUndecided]; the log says why.
func (a *Authorizer) Decide(ctx context.Context, q Question) (apikey.Principal, error) {
	log := a.log(q)
	key := keyOf(q.Key)
	if err := check(key); err != nil {
		return denied(ctx, log.With("detail", err), malformed)
	}
	p, found, err := a.o.Lookup(ctx, key)
	if err != nil {
		return apikey.Principal{}, a.undecided(ctx, q, err)
	}
	if p.KeyID == "" {
		return denied(ctx, log, unknown)
	}
	log = log.With("key", p.KeyID)
	if p.Expired(a.o.Now()) {
		return denied(ctx, log, expired)
	}
	if !found {
		return denied(ctx, log, revoked)
	}
	log.InfoContext(ctx, "allowed")
	return p, nil
}

// log is where the line about a question goes.
func (a *Authorizer) log(q Question) *slog.Logger {
	return a.o.Log.With("request", q.Request, "route", q.Route, "client", client(q.Client, keyOf(q.Key)))
}

func denied(ctx context.Context, log *slog.Logger, reason string) (apikey.Principal, error) {
	log.WarnContext(ctx, "denied", "reason", reason)
	return apikey.Principal{}, ErrDenied
}

func (a *Authorizer) undecided(ctx context.Context, q Question, err error) error {
	a.log(q).ErrorContext(ctx, "undecided", "error", err)
	return ErrUndecided
}
