package settings

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// setIssuer accepts the issuer's URL. The server compares it byte by byte with the URL in
// the issuer's metadata and tokens, so a slash at the end matters.
func setIssuer(field *string, value string) error {
	u, err := url.Parse(value)
	switch {
	case value == LocalIssuer || value == CognitoIssuer:
	case strings.EqualFold(value, LocalIssuer) || strings.EqualFold(value, CognitoIssuer):
		return fmt.Errorf("%q is not an issuer, need an https URL, or %s in lower case", value, strings.ToLower(value))
	case err == nil && u.Scheme == "http":
		return fmt.Errorf("%q is not an issuer, need an https URL: without TLS, anybody on the way could replace the issuer's keys. "+
			"%s=%s tries it out in mcpctl local", value, EnvSigninIssuer, LocalIssuer)
	case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !printableASCII(value):
		return fmt.Errorf("%q is not an issuer, need an https URL without query and fragment, %s or %s", value, LocalIssuer, CognitoIssuer)
	case strings.Contains(u.Path, "/.well-known/"):
		u.Path, _, _ = strings.Cut(u.Path, "/.well-known/")
		u.RawPath = ""
		return fmt.Errorf("%q is the address of the issuer's metadata, need the https URL that is its \"issuer\" there, probably %q", value, u)
	}
	*field = value
	return nil
}

func printableASCII(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' })
}

func setAudience(field *string, value string) error {
	if strings.Contains(value, ",") {
		return fmt.Errorf("%q has a comma, need one audience", value)
	}
	return matching(field, value, form{`[!-~]{1,255}`, "at most 255 characters without blanks"})
}

// setScopes accepts scopes as RFC 6749 section 3.3 defines them, except those that access
// tokens do not contain.
func setScopes(field *[]string, value string) error {
	scopes := strings.Fields(value)
	for _, scope := range scopes {
		switch {
		case strings.Contains(scope, ","):
			return fmt.Errorf("%q has a comma, need scopes that are separated by blanks", scope)
		case !regexp.MustCompile(`^[!#-\[\]-~]{1,255}$`).MatchString(scope):
			return fmt.Errorf("%q is not a scope, need printable ASCII without quotes and backslashes", scope)
		case scope == "offline_access":
			return fmt.Errorf("%q is for clients that want a refresh token, and access tokens need not have it: remove it", scope)
		}
	}
	*field = scopes
	return nil
}

// setGrants checks SIGNIN_TOOLS by the rules of signin.ParseGrants, which the server uses
// and this package does not import. A value that ParseGrants rejects would make every
// function fail at its start.
func setGrants(field *string, value string) error {
	groups := map[string]bool{}
	for part := range strings.SplitSeq(value, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		group, tools, ok := strings.Cut(part, "=")
		group = strings.TrimSpace(group)
		switch {
		case !ok || group == "" || strings.TrimSpace(tools) == "":
			return fmt.Errorf("%q is not of the form group=tool tool, or group=*", part)
		case groups[group]:
			return fmt.Errorf("group %q is listed twice: list all of its tools once", group)
		}
		if err := checkGroup(group); err != nil {
			return err
		}
		for _, tool := range strings.Fields(tools) {
			if tool != "*" && !regexp.MustCompile(`^[A-Za-z0-9_.-]{1,128}$`).MatchString(tool) {
				return fmt.Errorf("group %q: %q is not the name of a tool, need names of A-Z, a-z, 0-9, _, - and ., separated by blanks; groups are separated by semicolons", group, tool)
			}
		}
		groups[group] = true
	}
	if len(groups) == 0 {
		return fmt.Errorf("%q has no group, need a form like admins=*", value)
	}
	*field = value
	return nil
}

// checkGroup rejects names of groups that are probably mistakes. Other names may be
// anything that the issuer puts into tokens, including blanks and letters of all scripts.
func checkGroup(group string) error {
	switch {
	case group == "*":
		return errors.New(`"*" is not a group: the group everyone contains every person`)
	case group != everyone && strings.EqualFold(group, everyone):
		return fmt.Errorf("%q is not a group: the group that contains every person is %s, in lower case", group, everyone)
	case strings.Contains(group, ","):
		return fmt.Errorf("group %q has a comma: separate groups by semicolons, each with its tools", group)
	case strings.ContainsFunc(group, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }):
		return fmt.Errorf("group %q has a character that cannot be printed: remove it", group)
	}
	return nil
}

func setTime(field *time.Time, value string) error {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return fmt.Errorf("%q is not a time, need a form like 2026-11-28T12:00:00Z", value)
	}
	*field = t
	return nil
}

// checkSignin rejects settings of sign-in that have no effect without an issuer.
func checkSignin(s Settings) error {
	in := s.Signin
	if !in.On() && (in.Audience != "" || in.Scopes != nil || in.Tools != "" || in.GroupsClaim != "" || in.Limits != "" || !in.NotBefore.IsZero() || in.PKCE || in.LogEmail) {
		return errors.New("SIGNIN_ISSUER is unset, so the other settings SIGNIN_* have no effect: set it or remove them")
	}
	if in.Issuer != CognitoIssuer {
		return nil
	}
	if in.Audience != "" || in.Scopes != nil || in.GroupsClaim != "" {
		return errors.New("SIGNIN_ISSUER=cognito sets SIGNIN_AUDIENCE, SIGNIN_SCOPES and SIGNIN_GROUPS_CLAIM itself: remove them")
	}
	for _, group := range in.Groups() {
		if strings.ContainsAny(group, " \t") || utf8.RuneCountInString(group) > 128 {
			return fmt.Errorf("SIGNIN_TOOLS: %q is not a group of Amazon Cognito, need at most 128 characters without blanks", group)
		}
	}
	return nil
}
