package signin

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"serverless-mcp/internal/keys/apikey"
)

// algorithms are the accepted signature algorithms: those that authorization
// servers use by default, all asymmetric.
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256}

// Principal checks the values of a request's Authorization header and returns
// who signed in. Its Expires is the end of the token, with a minute of leeway.
// The error is one of this package's. Its text has the reason, which is for the log and
// not for the caller.
func (v *Verifier) Principal(ctx context.Context, authorization []string) (apikey.Principal, error) {
	token, err := bearer(authorization)
	if err != nil {
		return apikey.Principal{}, err
	}
	now := v.o.Now()
	if p, ok := v.known.get(token, now); ok {
		return p, nil
	}
	p, err := v.verify(ctx, token, now)
	if err != nil {
		return apikey.Principal{}, err
	}
	v.known.add(token, p, now)
	return p, nil
}

// bearer returns the token of a request that has exactly one, RFC 6750 section
// 2.1. The scheme's case does not matter.
func bearer(authorization []string) (string, error) {
	switch len(authorization) {
	case 0:
		return "", ErrMissing
	case 1:
	default:
		return "", fmt.Errorf("%w: several headers", ErrMalformed)
	}
	scheme, token, _ := strings.Cut(strings.Trim(authorization[0], " \t"), " ")
	token = strings.TrimLeft(token, " ")
	if scheme == "" {
		return "", ErrMissing
	}
	if !strings.EqualFold(scheme, "Bearer") {
		return "", fmt.Errorf("%w: the scheme is not Bearer", ErrMalformed)
	}
	if token == "" {
		return "", ErrMissing
	}
	if len(token) > MaxToken {
		return "", fmt.Errorf("%w: over %d bytes", ErrMalformed, MaxToken)
	}
	if strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=") != "" ||
		strings.ContainsAny(token, ", \t") {
		return "", fmt.Errorf("%w: not one token", ErrMalformed)
	}
	return token, nil
}

// verify checks everything about a token that is not in the cache.
func (v *Verifier) verify(ctx context.Context, token string, now time.Time) (apikey.Principal, error) {
	parsed, err := jwt.ParseSigned(token, algorithms)
	if err != nil {
		return apikey.Principal{}, fmt.Errorf("%w: not a JWT with an accepted algorithm", ErrInvalid)
	}
	header := parsed.Headers[0]
	if err := checkHeader(header); err != nil {
		return apikey.Principal{}, err
	}
	// Check the claims before the keys are read, so that only tokens that name our issuer
	// can cause a request to it.
	var c claims
	if err := parsed.UnsafeClaimsWithoutVerification(&c); err != nil {
		return apikey.Principal{}, fmt.Errorf("%w: the claims are not JSON of the registered types", ErrInvalid)
	}
	if err := v.check(c, now); err != nil {
		return apikey.Principal{}, err
	}
	keys, err := v.keys.get(ctx, header.KeyID)
	if err != nil {
		return apikey.Principal{}, err
	}
	if !slices.ContainsFunc(usable(keys, header), func(k jose.JSONWebKey) bool { return parsed.Claims(k.Key, &claims{}) == nil }) {
		return apikey.Principal{}, fmt.Errorf("%w: no key of the issuer verifies the signature", ErrInvalid)
	}
	if missing := c.missing(v.o.Scopes); missing != "" {
		return apikey.Principal{}, fmt.Errorf("%w: %q is required", ErrScope, missing)
	}
	groups, err := c.groups(v.o.GroupsClaim)
	if err != nil {
		return apikey.Principal{}, err
	}
	p := apikey.Principal{
		KeyID:   keyID(v.o.Issuer, c.Subject),
		Tools:   v.o.Tools.For(groups),
		Expires: c.Expiry.Time().UTC().Add(leeway),
	}
	if p.Expires.Year() > maxYear {
		p.Expires = c.Expiry.Time().UTC()
	}
	if email := c.email(); v.o.LogEmail && email != "" {
		v.o.Log.LogAttrs(ctx, slog.LevelInfo, "signed in", slog.String("keyId", p.KeyID), slog.String("email", email))
	}
	return p, nil
}

// checkHeader rejects tokens whose type is not that of an access token, and header
// parameters that change how a JWS is processed.
func checkHeader(h jose.Header) error {
	typ, isText := h.ExtraHeaders[jose.HeaderType].(string)
	if _, ok := h.ExtraHeaders[jose.HeaderType]; ok && !isText {
		return fmt.Errorf("%w: typ is not a string", ErrInvalid)
	}
	typ = strings.TrimPrefix(strings.ToLower(typ), "application/")
	if typ != "" && typ != "jwt" && typ != "at+jwt" { // RFC 9068 section 2.1
		return fmt.Errorf("%w: typ is not that of an access token", ErrInvalid)
	}
	// enc and zip belong to encrypted tokens, cty to a token in a token (RFC 7519 section
	// 5.2). Keys in the header (jwk, jku, x5c, x5u) are ignored: some issuers add them.
	for _, name := range []jose.HeaderKey{"crit", "b64", "enc", "zip", "cty"} {
		if _, ok := h.ExtraHeaders[name]; ok {
			return fmt.Errorf("%w: header parameter %s", ErrInvalid, name)
		}
	}
	return nil
}

// maxYear is the last year that RFC 3339 can represent in JSON and log lines.
const maxYear = 9999

// check compares the registered claims with what is expected, RFC 9068 section 4.
func (v *Verifier) check(c claims, now time.Time) error {
	reason := ""
	switch {
	case c.Issuer != v.o.Issuer:
		reason = "another issuer"
	case c.Subject == "" || len(c.Subject) > 255: // OpenID Connect Core section 2
		reason = "no subject, or one over 255 bytes"
	case !c.Audience.Contains(v.o.Audience):
		reason = "another audience"
	case c.isIDToken():
		reason = "an ID token is not an access token"
	case c.Expiry == nil:
		reason = "no exp"
	case c.Expiry.Time().UTC().Year() > maxYear:
		reason = "exp is in a year of five digits"
	case !now.Before(c.Expiry.Time().Add(leeway)):
		reason = "expired"
	case c.NotBefore != nil && now.Add(leeway).Before(c.NotBefore.Time()):
		reason = "not valid yet (nbf)"
	case c.IssuedAt != nil && now.Add(leeway).Before(c.IssuedAt.Time()):
		reason = "issued in the future (iat)"
	case !v.o.NotBefore.IsZero() && (c.IssuedAt == nil || c.IssuedAt.Time().Before(v.o.NotBefore)):
		reason = "issued before SIGNIN_NOT_BEFORE"
	default:
		return nil
	}
	return fmt.Errorf("%w: %s", ErrInvalid, reason)
}
