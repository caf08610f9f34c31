package apikey

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Principal is who a request comes from, once its key has been checked: what
// the authorizer hands to the function, and what tools may ask about.
type Principal struct {
	KeyID   string    // the key's name, never the key
	Tools   []string  // tools that the key may use; nil means all, empty means none
	Expires time.Time // when the key ends; zero means never
}

// Allows reports whether the key may use the tool of that name.
func (p Principal) Allows(tool string) bool {
	return p.Tools == nil || slices.Contains(p.Tools, tool)
}

// Expired reports whether the key has ended at the given time.
func (p Principal) Expired(now time.Time) bool {
	return !p.Expires.IsZero() && !now.Before(p.Expires)
}

// Context is the principal as the context of a Lambda authorizer's simple
// response, which reaches the function as requestContext.authorizer.lambda:
// "keyId"; "tools", always there, "*" for all, else names parted by a space;
// "expires" in RFC 3339, absent where the key does not end.
func (p Principal) Context() map[string]any {
	m := map[string]any{"keyId": p.KeyID, "tools": "*"}
	if p.Tools != nil {
		// A name that is none, "*" above all, must not widen the scope.
		bad := func(tool string) bool { return CheckTool(tool) != nil }
		m["tools"] = strings.Join(slices.DeleteFunc(slices.Clone(p.Tools), bad), " ")
	}
	if !p.Expires.IsZero() {
		m["expires"] = p.Expires.UTC().Format(time.RFC3339)
	}
	return m
}

// ParseContext is the inverse of [Principal.Context]. A context without keyId
// or tools did not come from our authorizer and is refused: an absent scope
// must never read as every scope.
func ParseContext(m map[string]any) (Principal, error) {
	id, _ := m["keyId"].(string)
	tools, ok := m["tools"].(string)
	if id == "" || !ok {
		return Principal{}, errors.New("authorizer context: keyId or tools missing")
	}
	p := Principal{KeyID: id}
	if tools != "*" {
		p.Tools = append([]string{}, strings.Fields(tools)...)
	}
	if expires, ok := m["expires"]; ok {
		text, _ := expires.(string)
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return Principal{}, fmt.Errorf("authorizer context: expires of key %q is no RFC 3339 time", id)
		}
		p.Expires = at
	}
	return p, nil
}
