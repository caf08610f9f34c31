package settings

// The environment variables that a deployment sets for its functions and its
// containers, in addition to TOOL_* and TOOL_SECRET_*. Each is written by one of the
// Env methods of [Settings] and read by the program's run function only.
const (
	EnvServerName       = "SERVER_NAME"         // the server's name, as clients show it
	EnvServerTitle      = "SERVER_TITLE"        // see [Presentation]; unset means none
	EnvInstructions     = "SERVER_INSTRUCTIONS" // see [Presentation]; unset means none
	EnvIcon             = "SERVER_ICON"         // see [Presentation]; unset means none
	EnvWebsite          = "SERVER_WEBSITE"      // see [Presentation]; unset means none
	EnvPageSignin       = "PAGE_SIGNIN"         // the path that the page shows to people who sign in; unset means none
	EnvEntryName        = "ENTRY_NAME"          // the server's name in client configurations, see [Settings.EntryName]
	EnvLogLevel         = "LOG_LEVEL"           // debug, info, warn or error
	EnvAllowedOrigins   = "ALLOWED_ORIGINS"     // origins of web pages, comma-separated
	EnvDefaultKeySecret = "DEFAULT_KEY_SECRET"  // ARN of the deployment key's secret; unset with API_KEY=none
	EnvIssuedKeysSecret = "ISSUED_KEYS_SECRET"  // ARN of the issued keys' secret
	EnvBearerRoute      = "BEARER_ROUTE"        // "true" enables [BearerPath]
	EnvSessionSecret    = "SESSION_SECRET"      // ARN of the secret that seals session ids; unset means stateless
	EnvJobsTable        = "JOBS_TABLE"          // name of the table with the jobs; unset means that jobs are off
	EnvJobFunction      = "JOB_FUNCTION"        // ARN of the function that runs jobs; unset in that function itself
	EnvListen           = "LISTEN"              // address of cmd/mcpd; unset means [ContainerPort] on all interfaces
	EnvDrainSeconds     = "DRAIN_SECONDS"       // how long cmd/mcpd accepts requests after SIGTERM, 0 to 60; unset means 5
	EnvMaxMessage       = "MAX_MESSAGE_BYTES"   // limit of a request body of cmd/mcpd in bytes; unset means 1 MB
	EnvCallsPerKey      = "CALLS_PER_KEY"       // requests of a key that cmd/mcpd serves at once; unset means 100
	EnvBudgetBytes      = "BUDGET_BYTES"        // bytes of request bodies, and of sessions' events, in cmd/mcpd; unset means 16 MB
	EnvMetricsServer    = "METRICS_SERVER"      // the stack's name, as a dimension of the metrics; unset means no metrics
	EnvMetricsByKey     = "METRICS_BY_KEY"      // "true" adds a metric for each key

	EnvLimitsTable = "LIMITS_TABLE" // name of the table that counts calls; unset means that they are not counted

	EnvSigninIssuer      = "SIGNIN_ISSUER"       // the issuer's URL; unset means that sign-in is off
	EnvSigninAudience    = "SIGNIN_AUDIENCE"     // the audience of access tokens; unset means the resource's URL
	EnvSigninResource    = "SIGNIN_RESOURCE"     // the URL of the endpoint at [SigninPath]; unset means that Lambda events name its domain
	EnvSigninScopes      = "SIGNIN_SCOPES"       // scopes that a token must have, space-separated
	EnvSigninTools       = "SIGNIN_TOOLS"        // tools by group, see [signin.ParseGrants]
	EnvSigninGroupsClaim = "SIGNIN_GROUPS_CLAIM" // the claim with a person's groups; unset means the default of [signin.Options]
	EnvSigninPKCE        = "SIGNIN_PKCE"         // "true": the issuer supports PKCE, even if its metadata does not list it
	EnvSigninLogEmail    = "SIGNIN_LOG_EMAIL"    // "true": a log line at the first request of a token has the person's e-mail address
	EnvSigninNotBefore   = "SIGNIN_NOT_BEFORE"   // RFC 3339; tokens that were issued earlier are rejected
	EnvSigninLimits      = "SIGNIN_LIMITS"       // limits of each person, see [apikey.ParseLimits]; unset means none
)

// The paths of the MCP endpoints. Each is also served with a trailing slash.
const (
	MCPPath    = "/mcp"        // accepts the key in X-Api-Key
	BearerPath = "/bearer/mcp" // accepts the key as a bearer token, if BEARER_ROUTE is true
	SigninPath = "/signin/mcp" // accepts a person's access token, if SIGNIN_ISSUER is set
)
