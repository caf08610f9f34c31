package issuer

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"time"
)

// refreshLifetime is how long a refresh token is valid, unless it is used earlier.
const refreshLifetime = 30 * 24 * time.Hour

// token exchanges a code or a refresh token, OAuth 2.1 section 3.2.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		fail(w, "invalid_request", "malformed form")
		return
	}
	kind, value := "code", r.PostForm.Get("code")
	switch r.PostForm.Get("grant_type") {
	case "authorization_code":
	case "refresh_token":
		kind, value = "refresh", r.PostForm.Get("refresh_token")
	default:
		fail(w, "unsupported_grant_type", "grant_type must be authorization_code or refresh_token")
		return
	}
	var g grant
	now := i.o.Now()
	switch {
	case !i.open(kind, value, &g) || now.Unix() >= g.Expires:
		fail(w, "invalid_grant", "the "+kind+" is unknown or expired")
	case r.PostForm.Get("client_id") != g.ClientID:
		fail(w, "invalid_grant", "the "+kind+" belongs to another client")
	case kind == "code" && (r.PostForm.Get("redirect_uri") != g.RedirectURI && r.PostForm.Has("redirect_uri") || !verifies(r.PostForm.Get("code_verifier"), g.Challenge)):
		fail(w, "invalid_grant", "redirect_uri or code_verifier does not match the request for the code")
	case r.PostForm.Has("resource") && r.PostForm.Get("resource") != i.o.Resource:
		fail(w, "invalid_target", "tokens are for "+i.o.Resource)
	case !i.used.use(g.ID, time.Unix(g.Expires, 0), now):
		fail(w, "invalid_grant", "the "+kind+" has been used")
	default:
		i.issue(w, g, now)
	}
}

// verifies reports whether a PKCE verifier matches its challenge, RFC 7636
// section 4.6.
func verifies(verifier, challenge string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return verifier != "" && subtle.ConstantTimeCompare([]byte(encode(sum[:])), []byte(challenge)) == 1
}

// issue writes an access token and the next refresh token for a grant.
func (i *Issuer) issue(w http.ResponseWriter, g grant, now time.Time) {
	claims, err := json.Marshal(map[string]any{
		"iss": i.o.URL, "sub": g.Subject, "aud": i.o.Resource, "client_id": g.ClientID, "scope": g.Scope, "groups": g.Groups,
		"iat": now.Unix(), "exp": now.Add(i.o.Lifetime).Unix(), "jti": newID(),
	})
	if err != nil {
		panic(err) // strings and numbers
	}
	signed, err := i.signer.Sign(claims)
	if err != nil {
		http.Error(w, "cannot sign the token", http.StatusInternalServerError)
		return
	}
	access, err := signed.CompactSerialize()
	if err != nil {
		http.Error(w, "cannot sign the token", http.StatusInternalServerError)
		return
	}
	g.ID, g.Challenge, g.Expires = newID(), "", now.Add(refreshLifetime).Unix()
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": int(i.o.Lifetime.Seconds()),
		"refresh_token": i.sealed("refresh", g), "scope": g.Scope,
	})
}
