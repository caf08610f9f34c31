package settings

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

const (
	// LocalIssuer as SIGNIN_ISSUER is the issuer that mcpctl local runs.
	LocalIssuer = "local"
	// CognitoIssuer as SIGNIN_ISSUER is an Amazon Cognito user pool in the stack.
	CognitoIssuer = "cognito"
)

// everyone is the group in SIGNIN_TOOLS that has everybody in it.
const everyone = "everyone"

// The one scope of the user pool: the resource server's identifier, and its scope's
// name. Access tokens have them joined by a slash.
const (
	CognitoResource = "mcp"
	CognitoScope    = "tools"
)

// SigninMetadataPath is where clients find the issuer: RFC 9728 section 3.1.
const SigninMetadataPath = "/.well-known/oauth-protected-resource" + SigninPath

// SigninServerPath has a copy of the issuer's metadata if SIGNIN_PKCE is true and
// clients need one: RFC 8414 section 3.1, for an issuer at the endpoint's parent.
const SigninServerPath = "/.well-known/oauth-authorization-server/signin"

// metadataRate is the throttle of the metadata document in requests per second.
// Clients read it before each sign-in and each refresh of a token, some twice; a
// client that gets 429 looks for the issuer elsewhere and fails.
const metadataRate = 20

// Signin holds the settings of sign-in. It is off if Issuer is empty.
type Signin struct {
	Issuer      string    // the issuer's URL, [LocalIssuer] or [CognitoIssuer]
	Audience    string    // of access tokens; empty means the endpoint's URL
	Scopes      []string  // that a token must have
	Tools       string    // tools by group, as in SIGNIN_TOOLS; empty grants nothing
	GroupsClaim string    // the claim with a person's groups; empty means the usual ones
	NotBefore   time.Time // tokens that were issued earlier are rejected; zero means none
	Limits      string    // of each person's tool calls, such as "60/m 5000/d"; empty means none
	PKCE        bool      // the issuer supports PKCE, even if its metadata does not list it
	LogEmail    bool      // the log has people's e-mail addresses
}

// On reports whether people can sign in.
func (s Signin) On() bool { return s.Issuer != "" }

func signinSettings() []setting {
	return []setting{
		{
			name: "SIGNIN_ISSUER", example: "https://login.example.com",
			help: "URL of an OpenID Connect issuer whose users may sign in, at the endpoint /signin/mcp, exactly as its metadata has it,\n" +
				"also with regard to a slash at the end. Keys work as before.\n" +
				"local: an issuer without passwords, in mcpctl local only. cognito: an Amazon Cognito user pool in the stack, which\n" +
				"has not been deployed yet; mcpctl local runs the local issuer in its place. If unset, sign-in is off.",
			set: func(s *Settings, v string) error { return setIssuer(&s.Signin.Issuer, v) },
		},
		{
			name: "SIGNIN_AUDIENCE", example: "api://mcp",
			help: "Audience that access tokens must have. Default: the URL of the endpoint.",
			set:  func(s *Settings, v string) error { return setAudience(&s.Signin.Audience, v) },
		},
		{
			name: "SIGNIN_SCOPES", example: "tools",
			help: "Scopes that access tokens must have, space-separated. Clients request them.",
			set:  func(s *Settings, v string) error { return setScopes(&s.Signin.Scopes, v) },
		},
		{
			name: "SIGNIN_PKCE", example: "true",
			help: "The issuer supports PKCE with S256, although its metadata does not list it: clients that require it get a copy\n" +
				"of the metadata that does. Default: true with SIGNIN_ISSUER=cognito.",
			set: func(s *Settings, v string) error { return setBool(&s.Signin.PKCE, v) },
		},
		{
			name: "SIGNIN_LOG_EMAIL", example: "true",
			help: "The log has the e-mail address of each person, if the token has one. If unset, it has only an id made from the subject.",
			set:  func(s *Settings, v string) error { return setBool(&s.Signin.LogEmail, v) },
		},
		{
			name: "SIGNIN_TOOLS", example: "analysts=calculate lookup_user; admins=*",
			help: "Tools by group. A person in none of the groups may use no tool; if unset, no person may use any. The group\n" +
				"everyone has everybody in it. Names of groups are compared with their case, and may contain blanks.",
			set: func(s *Settings, v string) error { return setGrants(&s.Signin.Tools, v) },
		},
		{
			name: "SIGNIN_GROUPS_CLAIM", example: "roles",
			help: "Claim with a person's groups. Default: the first of cognito:groups, roles and groups that a token has.",
			set: func(s *Settings, v string) error {
				return matching(&s.Signin.GroupsClaim, v, form{`[!-~]{1,255}`, "at most 255 characters without blanks"})
			},
		},
		{
			name: "SIGNIN_NOT_BEFORE", example: "2026-11-28T12:00:00Z",
			help: "Time in RFC 3339. Access tokens that were issued earlier are rejected: it ends all earlier sign-ins.",
			set:  func(s *Settings, v string) error { return setTime(&s.Signin.NotBefore, v) },
		},
		{
			name: "SIGNIN_LIMITS", example: "60/m 5000/d",
			help: "Limits of the tool calls of each person, a minute and a UTC day. Needs KEY_LIMITS=true.",
			set:  func(s *Settings, v string) error { return setLimits(&s.Signin.Limits, v) },
		},
	}
}

// setIssuer accepts the URL that is in the issuer's metadata and in its tokens, where
// it is compared byte by byte: with or without a slash at the end, as the issuer has it.
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
		return fmt.Errorf("%q is the address of the issuer's metadata, need the https URL that is its \"issuer\" there, probably %q", value, value[:strings.Index(value, "/.well-known/")])
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

// setScopes accepts scopes as RFC 6749 section 3.3 defines them, except those that
// cannot be in an access token for this server.
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

// setGrants checks SIGNIN_TOOLS as signin.ParseGrants does, which the server uses: what
// that rejects would stop every function at its start. This package does not import it.
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
			return fmt.Errorf("group %q is there twice: list all of its tools once", group)
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

// checkGroup rejects names of groups that are mistakes. Otherwise a name is what the
// issuer puts into tokens, blanks and letters of all scripts included.
func checkGroup(group string) error {
	switch {
	case group == "*":
		return errors.New(`"*" is not a group: the group everyone has everybody in it`)
	case group != everyone && strings.EqualFold(group, everyone):
		return fmt.Errorf("%q is not a group: the one with everybody in it is %s, in lower case", group, everyone)
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
		if strings.ContainsAny(group, " \t") || len(group) > 128 {
			return fmt.Errorf("SIGNIN_TOOLS: %q is not a group of Amazon Cognito, need at most 128 characters without blanks", group)
		}
	}
	return nil
}

// Groups returns the groups in SIGNIN_TOOLS, in their order, without the one that has
// everybody in it.
func (s Signin) Groups() []string {
	var all []string
	for part := range strings.SplitSeq(s.Tools, ";") {
		group, _, _ := strings.Cut(part, "=")
		if group = strings.TrimSpace(group); group != "" && group != everyone && !slices.Contains(all, group) {
			all = append(all, group)
		}
	}
	return all
}

// withCognito returns the settings with what a user pool of the stack determines.
func (s Signin) withCognito() Signin {
	if s.Issuer == CognitoIssuer {
		s.Scopes, s.GroupsClaim, s.PKCE = []string{CognitoResource + "/" + CognitoScope}, "cognito:groups", true
	}
	return s
}

// addSigninEnv adds what the server reads about sign-in; nothing if it is off.
func (s Settings) addSigninEnv(env map[string]string) {
	if !s.Signin.On() {
		return
	}
	env[EnvSigninIssuer] = s.Signin.Issuer
	for name, value := range map[string]string{
		EnvSigninAudience: s.Signin.Audience, EnvSigninScopes: strings.Join(s.Signin.Scopes, " "),
		EnvSigninTools: s.Signin.Tools, EnvSigninGroupsClaim: s.Signin.GroupsClaim, EnvSigninLimits: s.Signin.Limits,
	} {
		if value != "" {
			env[name] = value
		}
	}
	for name, on := range map[string]bool{EnvSigninPKCE: s.Signin.PKCE, EnvSigninLogEmail: s.Signin.LogEmail} {
		if on {
			env[name] = "true"
		}
	}
	if !s.Signin.NotBefore.IsZero() {
		env[EnvSigninNotBefore] = s.Signin.NotBefore.UTC().Format(time.RFC3339)
	}
}

// signinRoutes lists the routes of sign-in. Their requests carry a token that the
// MCP function checks: a Lambda authorizer could answer neither 401 with a
// challenge nor tell an expired token from a forbidden one.
func (s Settings) signinRoutes() []PublicRoute {
	if !s.Signin.On() {
		return nil
	}
	routes := []PublicRoute{{
		Method: "GET", Path: SigninMetadataPath, Function: PublicMCP, Rate: metadataRate, Burst: 2 * metadataRate,
		Reason: "Clients read here who the issuer is, before anybody has signed in. The document is the same for everybody and public by RFC 9728.",
	}}
	if s.Signin.PKCE {
		routes = append(routes, PublicRoute{
			Method: "GET", Path: SigninServerPath, Function: PublicMCP, Rate: metadataRate, Burst: 2 * metadataRate,
			Reason: "Clients that require PKCE read here that the issuer supports it, before anybody has signed in. The document is a copy of the issuer's own, which is public by RFC 8414.",
		})
	}
	for _, path := range []string{SigninPath, SigninPath + "/{proxy+}"} {
		for _, method := range Methods() {
			routes = append(routes, PublicRoute{
				Method: method, Path: path, Function: PublicMCP, Rate: s.ThrottleRate, Burst: s.ThrottleBurst,
				Reason: "The function checks the access token itself, since a Lambda authorizer cannot answer 401 with the challenge that leads clients to the sign-in.",
			})
		}
	}
	return routes
}
