package settings

// A setting is one row of the table.
type setting struct {
	name     string
	fallback string // the value used when the setting is absent or empty
	example  string // shown in .env.example instead of fallback, if not empty
	help     string // one line, or several, for .env.example
	set      func(s *Settings, value string) error
}

// A section groups settings in .env.example.
type section struct {
	title    string
	settings []setting
}

// table lists every setting with a fixed name. TOOL_* and TOOL_SECRET_*, whose names the
// user chooses, are in tool.go.
func table() []section {
	return []section{
		{"Server", serverSettings()},
		{"Deployment key", keySettings()},
		{"Size", sizeSettings()},
		{"Jobs", jobSettings()},
		{"Deployment shape", shapeSettings()},
		{"Shape container", containerSettings()},
		{"Endpoint", endpointSettings()},
		{"Sign-in", signinSettings()},
		{"Custom domain", domainSettings()},
		{"Logs", logSettings()},
		{"Metrics and alarms", watchSettings()},
	}
}

func serverSettings() []setting {
	return []setting{
		{
			name: "SERVER_NAME", fallback: "serverless-mcp",
			help: "Server name that MCP clients see: a letter, then a-z, 0-9 and -, at most 31 characters.",
			set: func(s *Settings, v string) error {
				return matching(&s.ServerName, v, form{
					`[a-z][a-z0-9-]{0,30}`, "a letter, then letters, digits and -, all lower-case, at most 31 characters"})
			},
		},
		titleSetting(), instructionsSetting(), iconSetting(), websiteSetting(),
		{
			name: "STACK_NAME", fallback: "McpServerStack",
			help: "Name of the CloudFormation stack. Another name means another deployment.",
			set: func(s *Settings, v string) error {
				return matching(&s.StackName, v, form{
					`[A-Za-z][A-Za-z0-9-]{0,99}`, "a letter, then letters, digits and -, at most 100 characters"})
			},
		},
		{
			name: "STAGE", example: "dev",
			help: "Suffix of the stack's name, for several deployments in one account: a-z and 0-9, at most 12 characters.",
			set: func(s *Settings, v string) error {
				return matching(&s.Stage, v, form{
					`[a-z0-9]{0,12}`, "lower-case letters and digits, at most 12"})
			},
		},
		{
			name: "PROTECT", example: "true",
			help: "true enables termination protection and keeps the IssuedKeys secret when the stack is deleted.\n" +
				"Default: true if STAGE is prod. How to delete such a stack: docs/keys.md.",
			set: func(s *Settings, v string) error { return oneOf(&s.Protect, v, "true", "false") },
		},
	}
}

func keySettings() []setting {
	return []setting{
		{
			name: "API_KEY",
			help: "The deployment key. Only its SHA-256 leaves this machine. Generate one: go tool mcpctl keys new\n" +
				"If this and API_KEY_SHA256 are unset, Secrets Manager generates a key. none deploys no such key.",
			set: setAPIKey,
		},
		{
			name: "API_KEY_SHA256",
			help: "SHA-256 of the deployment key, instead of API_KEY, to deploy a key without knowing it: go tool mcpctl keys hash",
			set:  func(s *Settings, v string) error { return setKeyHash(&s.APIKeySHA256, v) },
		},
	}
}

func sizeSettings() []setting {
	return []setting{
		{
			name: "MEMORY_MB", fallback: "512",
			help: "Memory of each MCP function in MB, 128 to 10240. CPU time is proportional to it.",
			set:  func(s *Settings, v string) error { return within(&s.MemoryMB, v, 128, 10240) },
		},
		{
			name: "ARCHITECTURE", fallback: "arm64",
			help: "Processor architecture: arm64 (20 % cheaper) or x86_64.",
			set:  func(s *Settings, v string) error { return oneOf(&s.Architecture, v, "arm64", "x86_64") },
		},
		{
			name: "RESERVED_CONCURRENCY", fallback: "0",
			help: "Reserved concurrency of each MCP function and of the job function; 0 means unreserved. The only load limit of the shape stream.\n" +
				"AWS keeps 100 executions of an account unreserved, so an account with a limit of 100 or less (a new one often\n" +
				"has 10) cannot reserve any: the deployment fails.",
			set: func(s *Settings, v string) error { return within(&s.ReservedConcurrency, v, 0, 10000) },
		},
	}
}

func endpointSettings() []setting {
	return []setting{
		{
			name: "AUTHORIZER_CACHE_SECONDS", fallback: "300",
			help: "Authorizer result TTL in seconds, 0 to 3600.",
			set:  func(s *Settings, v string) error { return within(&s.AuthorizerCacheSeconds, v, 0, 3600) },
		},
		{
			name: "THROTTLE_RATE", fallback: "20",
			help: "Throttling rate limit in requests per second, shared by all callers, 1 to 10000.",
			set:  func(s *Settings, v string) error { return within(&s.ThrottleRate, v, 1, 10000) },
		},
		{
			name: "THROTTLE_BURST", fallback: "40",
			help: "Throttling burst limit (token bucket size), shared by all callers, 1 to 5000.",
			set:  func(s *Settings, v string) error { return within(&s.ThrottleBurst, v, 1, 5000) },
		},
		keyLimitsSetting(),
		{
			name: "BEARER_ROUTE", fallback: "false",
			help: "true adds the endpoint /bearer/mcp, for clients that can only send the key as a bearer token.",
			set:  func(s *Settings, v string) error { return setBool(&s.BearerRoute, v) },
		},
		{
			name: "PUBLIC_PAGE", fallback: "false",
			help: "true serves a page at / with instructions for connecting an editor. It needs no key and shows none.\n" +
				"mcpctl local serves it unless this is false.",
			set: func(s *Settings, v string) error { return setBool(&s.PublicPage, v) },
		},
		{
			name: "ALLOWED_ORIGINS", example: "https://app.example.com,http://localhost:6274",
			help: "Browser origins that may call, comma-separated. If unset, no web page can call; editors send no Origin.",
			set:  func(s *Settings, v string) error { return setOrigins(&s.AllowedOrigins, v) },
		},
	}
}

func logSettings() []setting {
	return []setting{
		{
			name: "LOG_LEVEL", fallback: "info",
			help: "debug, info, warn or error.",
			set:  func(s *Settings, v string) error { return oneOf(&s.LogLevel, v, "debug", "info", "warn", "error") },
		},
		{
			name: "LOG_RETENTION_DAYS", fallback: "30",
			help: "Days that CloudWatch keeps the logs: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 ...",
			set:  func(s *Settings, v string) error { return setRetention(&s.LogRetentionDays, v) },
		},
	}
}
