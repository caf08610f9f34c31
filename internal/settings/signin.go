package settings

import (
	"slices"
	"strings"
	"time"
)

const (
	// LocalIssuer is the value of SIGNIN_ISSUER for the issuer that mcpctl local runs.
	LocalIssuer = "local"
	// CognitoIssuer is the value for an Amazon Cognito user pool in the stack.
	CognitoIssuer = "cognito"
)

// everyone is the group in SIGNIN_TOOLS that every person is in.
const everyone = "everyone"

// The user pool's only scope: the identifier of the resource server, and the name of the
// scope. Access tokens contain both, joined by a slash.
const (
	CognitoResource = "mcp"
	CognitoScope    = "tools"
)

// SigninMetadataPath is the path of the document that names the issuer: RFC 9728 section
// 3.1.
const SigninMetadataPath = "/.well-known/oauth-protected-resource" + SigninPath

// SigninServerPath is the path of a copy of the issuer's metadata, if SIGNIN_PKCE is true
// and clients need one. By RFC 8414 section 3.1, the copy's issuer is the parent of the
// endpoint.
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
	Tools       string    // the tools of each group, as in SIGNIN_TOOLS; empty grants nothing
	GroupsClaim string    // the claim with a person's groups; empty means the default, see SIGNIN_GROUPS_CLAIM
	NotBefore   time.Time // tokens that were issued earlier are rejected; zero means none
	Limits      string    // on each person's tool calls, such as "60/m 5000/d"; empty means none
	PKCE        bool      // the issuer supports PKCE, even if its metadata does not list it
	LogEmail    bool      // the log has people's e-mail addresses
}

// On reports whether people can sign in.
func (s Signin) On() bool { return s.Issuer != "" }

func signinSettings() []setting {
	return []setting{
		{
			name: "SIGNIN_ISSUER", example: "https://login.example.com",
			help: "URL of an OpenID Connect issuer whose users may sign in at the endpoint /signin/mcp, exactly as in its metadata,\n" +
				"including a trailing slash, if any. Keys work as before.\n" +
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
			help: "true means that the issuer supports PKCE with S256 without listing it in its metadata: clients that require it get a copy\n" +
				"of the metadata that does. Default: true with SIGNIN_ISSUER=cognito.",
			set: func(s *Settings, v string) error { return setBool(&s.Signin.PKCE, v) },
		},
		{
			name: "SIGNIN_LOG_EMAIL", example: "true",
			help: "true logs the e-mail address of each person, if the token has one. Otherwise only an id derived from the subject is logged.",
			set:  func(s *Settings, v string) error { return setBool(&s.Signin.LogEmail, v) },
		},
		{
			name: "SIGNIN_TOOLS", example: "analysts=calculate lookup_user; admins=*",
			help: "Tools by group. A person in none of the groups may use no tool; if unset, no person may use any. The group\n" +
				"everyone contains every person. Names of groups are case-sensitive, and may contain blanks.",
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
			help: "Time in RFC 3339. Access tokens that were issued earlier are rejected, which ends all earlier sign-ins.",
			set:  func(s *Settings, v string) error { return setTime(&s.Signin.NotBefore, v) },
		},
		{
			name: "SIGNIN_LIMITS", example: "60/m 5000/d",
			help: "Limits on the tool calls of each person, per minute and per UTC day. Needs KEY_LIMITS=true.",
			set:  func(s *Settings, v string) error { return setLimits(&s.Signin.Limits, v) },
		},
	}
}

// Groups returns the groups in SIGNIN_TOOLS, in their order, without everyone.
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

// withCognito returns the settings with the values that follow from a user pool in the
// stack.
func (s Signin) withCognito() Signin {
	if s.Issuer == CognitoIssuer {
		s.Scopes, s.GroupsClaim, s.PKCE = []string{CognitoResource + "/" + CognitoScope}, "cognito:groups", true
	}
	return s
}

// addSigninEnv adds the variables of sign-in; none if it is off.
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
// MCP function checks: a Lambda authorizer can neither respond with 401 and a challenge
// nor distinguish an expired token from a forbidden one.
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
