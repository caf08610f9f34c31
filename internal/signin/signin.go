// Package signin authenticates people by the access tokens of an OAuth 2.0
// authorization server, as the MCP specification requires of a resource server
// (basic/authorization, 2025-06-18 to 2026-07-28). The result is a principal like that
// of an API key, so that the code after the check handles both in the same way.
//
// Only JWT access tokens are accepted. Their signing keys come from the issuer's
// metadata and are cached, see [Options.Client]. If the issuer cannot be reached
// and no usable key is cached, the result is [ErrUnavailable]: never a principal,
// and never a 401, which would make clients start an endless series of logins.
package signin

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"serverless-mcp/internal/keys/apikey"
)

// Errors of [Verifier.Principal]. [Verifier.Response] translates them for HTTP.
var (
	// ErrMissing means that the request carries no token.
	ErrMissing = errors.New("no access token")
	// ErrMalformed means that the Authorization header is not one bearer token of at
	// most MaxToken bytes.
	ErrMalformed = errors.New("malformed Authorization header")
	// ErrInvalid means that the token is expired, of another issuer or audience, or not
	// an access token, or that its signature is wrong.
	ErrInvalid = errors.New("invalid access token")
	// ErrScope means that the token is valid but lacks a required scope.
	ErrScope = errors.New("insufficient scope")
	// ErrUnavailable means that the issuer's keys cannot be read, so that it is unknown
	// whether the token is valid.
	ErrUnavailable = errors.New("cannot read the issuer's keys")
)

// MaxToken is the largest token that is parsed, in bytes.
const MaxToken = 8 << 10

// leeway is the accepted difference between the issuer's clock and ours.
const leeway = time.Minute

// Options of [New].
type Options struct {
	// Issuer is the issuer's URL, compared with the claim iss byte by byte;
	// required, https except on a loopback address.
	Issuer string
	// Resource is the URL of the MCP endpoint that people sign in to; required.
	Resource string
	// Audience must be in the claim aud; empty means Resource.
	Audience string
	// Scopes must all be in the token; nil means that none is required.
	Scopes []string
	// Tools maps groups to tools; the zero value allows no tools.
	Tools Grants
	// GroupsClaim is the claim with a person's groups; empty means the first of
	// cognito:groups, roles and groups that the token has.
	GroupsClaim string
	// NotBefore rejects tokens that were issued earlier, by the claim iat; zero
	// accepts tokens of any age. Set it to end all sign-ins of an issuer at once.
	NotBefore time.Time
	// PKCE says that the issuer supports PKCE with S256, even if its metadata does
	// not list it. Clients that require it are then led to a copy of the metadata
	// that does, see [Verifier.ServerMetadata].
	PKCE bool
	// LogEmail logs the e-mail address of a person once for each verified token.
	LogEmail bool
	// Client requests the issuer's documents; nil means one with a timeout of 3
	// seconds.
	Client *http.Client
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Log receives the e-mail addresses if LogEmail is set; nil means none.
	Log *slog.Logger
}

// Verifier checks access tokens. It is safe for concurrent use.
type Verifier struct {
	o     Options
	keys  *keyCache
	known verified

	servers serverCache
}

// New returns a verifier. It makes no requests: the issuer's keys are read when the
// first token arrives, so that a cold start does not wait for them.
func New(o Options) (*Verifier, error) {
	if err := checkURL(o.Issuer); err != nil {
		return nil, fmt.Errorf("issuer: %w", err)
	}
	if err := checkURL(o.Resource); err != nil {
		return nil, fmt.Errorf("resource: %w", err)
	}
	if o.Audience == "" {
		o.Audience = o.Resource
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: 3 * time.Second}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	// The wall clock: a frozen Lambda instance may resume with a monotonic clock that stood
	// still, which would prolong the use of a removed key.
	clock := o.Now
	o.Now = func() time.Time { return clock().Round(0) }
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Verifier{o: o, keys: &keyCache{issuer: o.Issuer, client: o.Client, now: o.Now}}, nil
}

// isWithin reports whether less than d has passed from since to now. It returns false if the
// clock was set back to before since.
func isWithin(since, now time.Time, d time.Duration) bool {
	passed := now.Sub(since)
	return passed >= 0 && passed < d
}

// keyID returns the key id of a person's principal: "person-" and 16 hex digits of
// the SHA-256 of issuer and subject. A subject is unique only within its issuer.
func keyID(issuer, subject string) string {
	sum := sha256.Sum256([]byte(issuer + "\n" + subject))
	return apikey.PersonPrefix + hex.EncodeToString(sum[:8])
}
