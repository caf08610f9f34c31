package signin

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"serverless-mcp/internal/keys/apikey"
)

// Everyone is the group that every signed-in person is in. It grants nothing unless
// SIGNIN_TOOLS lists it.
const Everyone = "everyone"

// Grants are the tools that groups may use. The zero value grants nothing.
type Grants struct {
	tools map[string][]string
}

// ParseGrants parses SIGNIN_TOOLS: groups with their tools, separated by
// semicolons, such as "analysts=calculate lookup_user; admins=*". A group may contain
// spaces and slashes, but not "=" or ";". The error lists all mistakes.
func ParseGrants(text string) (Grants, error) {
	g := Grants{tools: map[string][]string{}}
	var errs []error
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		group, list, ok := strings.Cut(part, "=")
		group = strings.TrimSpace(group)
		tools := strings.Fields(list)
		if !ok || group == "" || len(tools) == 0 {
			errs = append(errs, fmt.Errorf("%q is not of the form group=tool tool, or group=*", part))
			continue
		}
		if _, twice := g.tools[group]; twice {
			errs = append(errs, fmt.Errorf("group %q is listed twice", group))
		}
		for _, tool := range tools {
			if tool == "*" {
				continue
			}
			if err := apikey.CheckTool(tool); err != nil {
				errs = append(errs, fmt.Errorf("group %q: %w", group, err))
			}
		}
		g.tools[group] = tools
	}
	return g, errors.Join(errs...)
}

// For returns the tools that a member of these groups may use, sorted: nil for
// all tools, empty for none, as in [apikey.Principal].
func (g Grants) For(groups []string) []string {
	allowed := []string{}
	for group, tools := range g.tools {
		if group != Everyone && !slices.Contains(groups, group) {
			continue
		}
		if slices.Contains(tools, "*") {
			return nil
		}
		allowed = append(allowed, tools...)
	}
	slices.Sort(allowed)
	return slices.Compact(allowed)
}
