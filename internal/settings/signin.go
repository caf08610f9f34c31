package settings

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// LocalIssuer as SIGNIN_ISSUER is the issuer that mcpctl local runs.
const LocalIssuer = "local"

// SigninMetadataPath is where clients find the issuer: RFC 9728 section 3.1.
const SigninMetadataPath = "/.well-known/oauth-protected-resource" + SigninPath

// metadataRate is the throttle of the metadata document in requests per second.
// Each client reads it once, before a sign-in.
const metadataRate = 5

// Signin holds the settings of sign-in. It is off if Issuer is empty.
type Signin struct {
	Issuer      string    // the issuer's URL, or [LocalIssuer]
	Audience    string    // of access tokens; empty means the endpoint's URL
	Scopes      []string  // that a token must have
	Tools       string    // tools by group, as in SIGNIN_TOOLS; empty grants nothing
	GroupsClaim string    // the claim with a person's groups; empty means the usual ones
	NotBefore   time.Time // tokens that were issued earlier are rejected; zero means none
	Limits      string    // of each person's tool calls, such as "60/m 5000/d"; empty means none
}

// On reports whether people can sign in.
func (s Signin) On() bool { return s.Issuer != "" }

func signinSettings() []setting {
	return []setting{
		{
			name: "SIGNIN_ISSUER", example: "https://login.example.com",
			help: "URL of an OpenID Connect issuer whose users may sign in, at the endpoint /signin/mcp. Keys work as before.\n" +
				"local is an issuer without passwords that mcpctl local runs. If unset, sign-in is off.",
			set: func(s *Settings, v string) error { return setIssuer(&s.Signin.Issuer, v) },
		},
		{
			name: "SIGNIN_AUDIENCE", example: "api://mcp",
			help: "Audience that access tokens must have. Default: the URL of the endpoint.",
			set: func(s *Settings, v string) error {
				return matching(&s.Signin.Audience, v, form{`[!-~]{1,255}`, "at most 255 characters without blanks"})
			},
		},
		{
			name: "SIGNIN_SCOPES", example: "tools",
			help: "Scopes that access tokens must have, space-separated. Clients request them.",
			set:  func(s *Settings, v string) error { return setScopes(&s.Signin.Scopes, v) },
		},
		{
			name: "SIGNIN_TOOLS", example: "analysts=calculate lookup_user; admins=*",
			help: "Tools by group. A person who is in none of the groups may use no tool; the group everyone has everybody in it.",
			set:  func(s *Settings, v string) error { return setGrants(&s.Signin.Tools, v) },
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

func setIssuer(field *string, value string) error {
	u, err := url.Parse(value)
	if value != LocalIssuer && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(value, " \t")) {
		return fmt.Errorf("%q is not an issuer, need an https URL without query and fragment, or %s", value, LocalIssuer)
	}
	*field = value
	return nil
}

// setScopes accepts scopes as RFC 6749 section 3.3 defines them.
func setScopes(field *[]string, value string) error {
	scopes := strings.Fields(value)
	for _, scope := range scopes {
		if !regexp.MustCompile(`^[!#-\[\]-~]{1,255}$`).MatchString(scope) {
			return fmt.Errorf("%q is not a scope, need printable ASCII without quotes and backslashes", scope)
		}
	}
	*field = scopes
	return nil
}

// setGrants checks the form of SIGNIN_TOOLS. signin.ParseGrants, which the server
// uses, checks the same; this package does not import it.
func setGrants(field *string, value string) error {
	for part := range strings.SplitSeq(value, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		group, tools, ok := strings.Cut(part, "=")
		if !ok || strings.TrimSpace(group) == "" || strings.TrimSpace(tools) == "" {
			return fmt.Errorf("%q is not of the form group=tool tool, or group=*", part)
		}
	}
	*field = value
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
	if !in.On() && (in.Audience != "" || in.Scopes != nil || in.Tools != "" || in.GroupsClaim != "" || in.Limits != "" || !in.NotBefore.IsZero()) {
		return errors.New("SIGNIN_ISSUER is unset, so the other settings SIGNIN_* have no effect: set it or remove them")
	}
	return nil
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
