package signin

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/go-jose/go-jose/v4/jwt"
)

// maxGroups limits the groups of a person that are read. Entra ID, for example, replaces
// the claim with a link above 200 groups.
const maxGroups = 500

// claims are the claims of an access token that this package uses. go-jose's decoder
// matches the case of their names, and rejects a repeated name.
type claims struct {
	Issuer    string           `json:"iss"`
	Subject   string           `json:"sub"`
	Audience  jwt.Audience     `json:"aud"`
	Expiry    *jwt.NumericDate `json:"exp"`
	NotBefore *jwt.NumericDate `json:"nbf"`
	IssuedAt  *jwt.NumericDate `json:"iat"`

	Scope stringList `json:"scope"` // RFC 9068 section 2.2.3, separated by spaces
	Scp   stringList `json:"scp"`   // Entra ID (a string) and Okta (a list)

	Email json.RawMessage `json:"email"` // read only if it is to be logged

	TokenUse string          `json:"token_use"` // Cognito: "access" or "id"
	Nonce    json.RawMessage `json:"nonce"`     // ID tokens only, like the next two
	AtHash   json.RawMessage `json:"at_hash"`
	CHash    json.RawMessage `json:"c_hash"`

	CognitoGroups stringList                 `json:"cognito:groups"`
	Roles         stringList                 `json:"roles"`
	Groups        stringList                 `json:"groups"`
	other         map[string]json.RawMessage // all claims, for a claim that is configured by name
}

// maxEmail is the maximum length of a logged e-mail address in bytes: RFC 5321 section
// 4.5.3.1.3, without the brackets.
const maxEmail = 254

// email returns the e-mail address, or "" if the token has no address that may be logged.
// The address must be printable, without spaces, and have at most maxEmail bytes.
func (c claims) email() string {
	var text string
	if json.Unmarshal(c.Email, &text) != nil || len(text) > maxEmail || !strings.Contains(text, "@") {
		return ""
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r == unicode.ReplacementChar || r == ' ' || !unicode.IsPrint(r) }) {
		return ""
	}
	return text
}

// UnmarshalJSON decodes the known claims, and all claims into other.
func (c *claims) UnmarshalJSON(data []byte) error {
	type plain claims
	if err := unmarshal(data, (*plain)(c)); err != nil {
		return err
	}
	return unmarshal(data, &c.other)
}

// isIDToken reports whether a token has claims that only ID tokens have (OpenID Connect
// Core section 2), or is not an access token by Cognito's token_use.
func (c claims) isIDToken() bool {
	has := func(claim json.RawMessage) bool { return claim != nil && string(claim) != "null" }
	return has(c.Nonce) || has(c.AtHash) || has(c.CHash) || c.TokenUse != "" && c.TokenUse != "access"
}

// missing returns a required scope that the token lacks, or "". Entra ID issues
// "tools" for a scope that is requested as "https://example.com/mcp/tools": the
// part before the last slash names the audience, which has been checked.
func (c claims) missing(required []string) string {
	for _, scope := range required {
		if !slices.Contains(c.Scope, scope) &&
			!slices.ContainsFunc(c.Scp, func(s string) bool { return s == scope || strings.HasSuffix(scope, "/"+s) }) {
			return scope
		}
	}
	return ""
}

// groups returns the person's groups from the named claim or, if claim is "", from the
// first of cognito:groups, roles and groups that the token has.
func (c claims) groups(claim string) ([]string, error) {
	list := c.CognitoGroups
	switch {
	case claim != "":
		list = nil
		if raw, ok := c.other[claim]; ok {
			if err := json.Unmarshal(raw, &list); err != nil {
				return nil, fmt.Errorf("%w: claim %q is neither a string nor a list of strings", ErrInvalid, claim)
			}
		}
	case list != nil:
	case c.Roles != nil:
		list = c.Roles
	default:
		list = c.Groups
	}
	return list[:min(len(list), maxGroups)], nil
}

// stringList is a claim that issuers write as one string with spaces or as a
// list of strings.
type stringList []string

// UnmarshalJSON implements [json.Unmarshaler]. A null is like an absent claim.
func (l *stringList) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*l = nil
		return nil
	}
	var one string
	if json.Unmarshal(data, &one) == nil {
		*l = strings.Fields(one)
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}
