// Package authorizer allows or denies requests: it is the REQUEST authorizer of an
// HTTP API, payload format 2.0, with the simple response.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
//
// The gateway caches the result, whether it allows or denies, for the cache time and
// uses it for every request with the same identity source. So the result depends only on
// the identity source, a key is denied only after it was checked, and any failure
// is an error: the client gets 500 and the next request is checked again.
package authorizer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keystore"
)

// Errors of [Authorizer.Decide]. ErrUndecided is the only one that the gateway sees.
var (
	ErrDenied    = errors.New("key not authorized")
	ErrUndecided = errors.New("cannot determine whether the key is valid")
)

// Request and Response are the event from the gateway and the response that it
// expects.
type (
	Request  = events.APIGatewayV2CustomAuthorizerV2Request
	Response = events.APIGatewayV2CustomAuthorizerSimpleResponse
)

// Query is the credential of one request, with the request metadata to log.
type Query struct {
	Key       string // as it was sent, with or without the scheme Bearer
	RequestID string // assigned by AWS, or checked to have the form of such an id; empty means unknown
	Route     string // such as "POST /mcp"; must not be chosen by the caller
	UserAgent string // as it was sent; only a cleaned form is logged
}

// Options of an [Authorizer].
type Options struct {
	// Lookup returns the principal of a key, see [keystore.Reader.Lookup]. Required.
	Lookup func(ctx context.Context, plain string) (apikey.Principal, bool, error)

	// KeyringAge returns the age of the keyring that Lookup uses, for the log; nil, or a
	// negative age, means unknown. See [keystore.Reader.Age].
	KeyringAge func() time.Duration

	Log *slog.Logger     // logs each result; nil means no log
	Now func() time.Time // nil means time.Now
}

// Authorizer is the Lambda function's handler.
type Authorizer struct {
	o    Options
	warm atomic.Bool // a request was logged before
}

// New returns an authorizer.
func New(o Options) *Authorizer {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Authorizer{o: o}
}

// The reasons for a denied or undecided request, in the log.
const (
	malformed = "malformed" // not the form of any key
	unknown   = "unknown"   // in no keyring
	expired   = "expired"
	revoked   = "revoked" // this instance saw it in an earlier keyring

	tooManyReads  = "too many reads" // of the secrets
	disconnected  = "disconnected"   // the client, while its key was checked
	keysUnread    = "cannot read the keys"
	misconfigured = "misconfigured"
)

// Handle returns the authorizer result for one request, as a Lambda handler.
func (a *Authorizer) Handle(ctx context.Context, r Request) (Response, error) {
	q := Query{RequestID: r.RequestContext.RequestID, Route: r.RouteKey, UserAgent: r.RequestContext.HTTP.UserAgent}
	if len(r.IdentitySource) != 1 {
		err := fmt.Errorf("the authorizer is configured with %d identity sources, need 1", len(r.IdentitySource))
		a.log(q, a.o.Now()).ErrorContext(ctx, message, "outcome", "undecided", "reason", misconfigured, "error", err)
		return Response{}, ErrUndecided
	}
	q.Key = r.IdentitySource[0]
	p, err := a.decide(ctx, q, slog.LevelInfo)
	switch {
	case errors.Is(err, ErrDenied):
		return Response{IsAuthorized: false}, nil
	case err != nil:
		return Response{}, ErrUndecided
	}
	return Response{IsAuthorized: true, Context: p.Context()}, nil
}

// Decide returns the principal of a key, for a server without a gateway in front
// of it. The error is [ErrDenied], [ErrUndecided], or a
// [keystore.TooManyReadsError], which also means undecided. The log has the reason. An
// allowed key is logged at level DEBUG only, because the server's log line about the
// request has the same fields.
func (a *Authorizer) Decide(ctx context.Context, q Query) (apikey.Principal, error) {
	return a.decide(ctx, q, slog.LevelDebug)
}

const message = "authorizer result"

func (a *Authorizer) decide(ctx context.Context, q Query, allowed slog.Level) (apikey.Principal, error) {
	begun := a.o.Now()
	key := ParseKey(q.Key)
	deny := func(log *slog.Logger, reason string) (apikey.Principal, error) {
		log.WarnContext(ctx, message, "outcome", "denied", "reason", reason)
		return apikey.Principal{}, ErrDenied
	}
	if err := check(key); err != nil {
		return deny(a.log(q, begun).With("error", err), malformed)
	}
	p, found, err := a.o.Lookup(ctx, key)
	log := a.log(q, begun)
	if err != nil {
		return apikey.Principal{}, undecided(ctx, log, err)
	}
	if a.o.KeyringAge != nil {
		if age := a.o.KeyringAge(); age >= 0 {
			log = log.With("keyringAgeMs", age.Milliseconds())
		}
	}
	if p.KeyID == "" {
		return deny(log, unknown)
	}
	log = log.With("keyId", p.KeyID)
	if p.Expired(a.o.Now()) {
		return deny(log, expired)
	}
	if !found {
		return deny(log, revoked)
	}
	log.Log(ctx, allowed, message, "outcome", "allowed")
	return p, nil
}

// undecided logs the error of a lookup and returns the error for Decide. Too many reads and
// disconnects are caused by callers and therefore logged as warnings.
func undecided(ctx context.Context, log *slog.Logger, err error) error {
	log = log.With("outcome", "undecided", "error", err)
	var limit *keystore.TooManyReadsError
	if errors.As(err, &limit) {
		log.WarnContext(ctx, message, "reason", tooManyReads)
		return limit
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		log.WarnContext(ctx, message, "reason", disconnected)
		return ErrUndecided
	}
	log.ErrorContext(ctx, message, "reason", keysUnread)
	return ErrUndecided
}

// log returns a logger with the fields of a query.
func (a *Authorizer) log(q Query, begun time.Time) *slog.Logger {
	took := a.o.Now().Sub(begun)
	key := ParseKey(q.Key)
	client, version := apikey.LoggableClient(q.UserAgent, key)
	log := a.o.Log.With("requestId", withoutKey(q.RequestID, key), "route", q.Route, "client", client)
	if version != "" {
		log = log.With("clientVersion", version)
	}
	return log.With("durationMs", float64(took.Microseconds())/1000, "coldStart", !a.warm.Swap(true))
}
