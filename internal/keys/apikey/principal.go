package apikey

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Principal is the authenticated sender of a request. The authorizer passes it to
// the MCP function, and tools can read it.
type Principal struct {
	KeyID   string    // the key's name, never the key
	Tools   []string  // tools that the key may use; nil means all, empty means none
	Expires time.Time // when the key expires; zero means never
	Limits  Limits    // on tool calls; zero means none
}

// Allows reports whether the key may use the tool of that name.
func (p Principal) Allows(tool string) bool {
	return p.Tools == nil || slices.Contains(p.Tools, tool)
}

// Expired reports whether the key has expired at the given time.
func (p Principal) Expired(now time.Time) bool {
	return !p.Expires.IsZero() && !now.Before(p.Expires)
}

// Context returns the principal as the context of a Lambda authorizer's simple
// response, which the function receives as requestContext.authorizer.lambda:
// "keyId"; "tools", always present, "*" for all or names separated by spaces;
// "expires" in RFC 3339, absent if the key never expires; "limits" as
// [ParseLimits] reads them, absent if there are none.
func (p Principal) Context() map[string]any {
	m := map[string]any{"keyId": p.KeyID, "tools": "*"}
	if p.Tools != nil {
		// An invalid name, "*" above all, must not extend the scope.
		invalid := func(tool string) bool { return CheckTool(tool) != nil }
		m["tools"] = strings.Join(slices.DeleteFunc(slices.Clone(p.Tools), invalid), " ")
	}
	if !p.Expires.IsZero() {
		m["expires"] = p.Expires.UTC().Format(time.RFC3339)
	}
	if !p.Limits.IsZero() {
		m["limits"] = p.Limits.String()
	}
	return m
}

// ParseContext is the inverse of [Principal.Context]. It rejects a context without
// keyId or tools, which cannot come from our authorizer: a missing scope must never
// mean every tool.
func ParseContext(m map[string]any) (Principal, error) {
	id, _ := m["keyId"].(string)
	tools, ok := m["tools"].(string)
	if id == "" || !ok {
		return Principal{}, errors.New("authorizer context: keyId or tools is missing")
	}
	p := Principal{KeyID: id}
	if tools != "*" {
		p.Tools = append([]string{}, strings.Fields(tools)...)
	}
	if expires, ok := m["expires"]; ok {
		text, _ := expires.(string)
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return Principal{}, fmt.Errorf("authorizer context: expires of key %q is not an RFC 3339 time", id)
		}
		p.Expires = at
	}
	if limits, ok := m["limits"]; ok {
		text, _ := limits.(string)
		var err error
		if p.Limits, err = ParseLimits(text); err != nil || p.Limits.IsZero() {
			return Principal{}, fmt.Errorf("authorizer context: limits of key %q cannot be read", id)
		}
	}
	return p, nil
}
