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
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"serverless-mcp/internal/apikey"
)

// ErrUndecided is all that the gateway hears of an error; the log says why.
var ErrUndecided = errors.New("the request can be neither allowed nor denied")

// Request and Response are what the gateway sends and expects.
type (
	Request  = events.APIGatewayV2CustomAuthorizerV2Request
	Response = events.APIGatewayV2CustomAuthorizerSimpleResponse
)

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
	key, err := keyOf(r)
	log := a.o.Log.With("request", r.RequestContext.RequestID, "route", r.RouteKey, "client", client(r, key))
	if err != nil {
		return undecided(ctx, log, err)
	}
	if err := check(key); err != nil {
		return denied(ctx, log.With("detail", err), malformed)
	}
	p, found, err := a.o.Lookup(ctx, key)
	if err != nil {
		return undecided(ctx, log, err)
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
	return Response{IsAuthorized: true, Context: p.Context()}, nil
}

func denied(ctx context.Context, log *slog.Logger, reason string) (Response, error) {
	log.WarnContext(ctx, "denied", "reason", reason)
	return Response{IsAuthorized: false}, nil
}

func undecided(ctx context.Context, log *slog.Logger, err error) (Response, error) {
	log.ErrorContext(ctx, "undecided", "error", err)
	return Response{}, ErrUndecided
}
