package settings

// A key is one setting: everything that is known about it.
type key struct {
	name     string
	fallback string // the value used when the setting is absent or empty
	example  string // shown in .env.example instead of fallback, if not empty
	help     string // one line, or several for .env.example
	set      func(s *Settings, value string) error
}

// A section groups keys in .env.example.
type section struct {
	title string
	keys  []key
}

// table lists every setting with a fixed name. The open-ended ones, TOOL_*
// and TOOL_SECRET_*, are in tool.go.
func table() []section {
	return []section{
		{"The server", serverKeys()},
		{"The key", apiKeys()},
		{"Size", sizeKeys()},
		{"The shape", shapeKeys()},
		{"The shape container", containerKeys()},
		{"The endpoint", endpointKeys()},
		{"Logs", logKeys()},
	}
}

func serverKeys() []key {
	return []key{
		{
			name: "SERVER_NAME", fallback: "serverless-mcp",
			help: "The name that MCP clients are told: a-z, 0-9 and -, up to 31, a letter first.",
			set: func(s *Settings, v string) error {
				return matching(&s.ServerName, v, form{
					`[a-z][a-z0-9-]{0,30}`, "a letter, then letters, digits and -, all lower-case, at most 31 characters"})
			},
		},
		{
			name: "STACK_NAME", fallback: "McpServerStack",
			help: "The CloudFormation stack. Another name is another deployment.",
			set: func(s *Settings, v string) error {
				return matching(&s.StackName, v, form{
					`[A-Za-z][A-Za-z0-9-]{0,99}`, "a letter, then letters, digits and -, at most 100 characters"})
			},
		},
		{
			name: "STAGE", example: "dev",
			help: "Appended to the stack's name, for several deployments side by side: a-z and 0-9, up to 12.",
			set: func(s *Settings, v string) error {
				return matching(&s.Stage, v, form{
					`[a-z0-9]{0,12}`, "lower-case letters and digits, at most 12"})
			},
		},
		{
			name: "PROTECT", example: "true",
			help: "true or false: the stack cannot be deleted before that is allowed, and the issued keys outlive it.\n" +
				"Without it, that is so where STAGE is prod.",
			set: func(s *Settings, v string) error { return oneOf(&s.Protect, v, "true", "false") },
		},
	}
}

func apiKeys() []key {
	return []key{
		{
			name: "API_KEY",
			help: "The deployment's key, hashed before anything leaves this machine. Make one: go tool mcpctl keys new\n" +
				"Without it (and API_KEY_SHA256) Secrets Manager makes one up; \"none\" deploys without such a key.",
			set: setAPIKey,
		},
		{
			name: "API_KEY_SHA256",
			help: "Instead of API_KEY, its SHA-256, to deploy a key without knowing it: go tool mcpctl keys hash",
			set:  func(s *Settings, v string) error { return setKeyHash(&s.APIKeySHA256, v) },
		},
	}
}

func sizeKeys() []key {
	return []key{
		{
			name: "MEMORY_MB", fallback: "512",
			help: "Memory of the MCP function, 128 to 10240. Processor time grows with it.",
			set:  func(s *Settings, v string) error { return within(&s.MemoryMB, v, 128, 10240) },
		},
		{
			name: "ARCHITECTURE", fallback: "arm64",
			help: "arm64 (a fifth cheaper) or x86_64.",
			set:  func(s *Settings, v string) error { return oneOf(&s.Architecture, v, "arm64", "x86_64") },
		},
		{
			name: "RESERVED_CONCURRENCY", fallback: "0",
			help: "At most this many instances of each MCP function at once; 0 sets no limit of its own. The shape stream has no other.",
			set:  func(s *Settings, v string) error { return within(&s.ReservedConcurrency, v, 0, 10000) },
		},
	}
}

func endpointKeys() []key {
	return []key{
		{
			name: "AUTHORIZER_CACHE_SECONDS", fallback: "300",
			help: "How long the gateway trusts a verdict on a key, 0 to 3600.",
			set:  func(s *Settings, v string) error { return within(&s.AuthorizerCacheSeconds, v, 0, 3600) },
		},
		{
			name: "THROTTLE_RATE", fallback: "20",
			help: "Requests a second, all callers together, 1 to 10000.",
			set:  func(s *Settings, v string) error { return within(&s.ThrottleRate, v, 1, 10000) },
		},
		{
			name: "THROTTLE_BURST", fallback: "40",
			help: "Requests at once, all callers together, 1 to 5000.",
			set:  func(s *Settings, v string) error { return within(&s.ThrottleBurst, v, 1, 5000) },
		},
		{
			name: "BEARER_ROUTE", fallback: "false",
			help: "true adds the endpoint /bearer/mcp, for clients that can only send the key as a bearer token.",
			set:  func(s *Settings, v string) error { return yesOrNo(&s.BearerRoute, v) },
		},
		{
			name: "PUBLIC_PAGE", fallback: "false",
			help: "true serves a page at / that tells people how to connect their editors. It needs no key, and shows none.\n" +
				"mcpctl local serves it unless this says false.",
			set: func(s *Settings, v string) error { return yesOrNo(&s.PublicPage, v) },
		},
		{
			name: "ALLOWED_ORIGINS", example: "https://app.example.com,http://localhost:6274",
			help: "Browser origins that may call, separated by commas. Empty: none; editors send no Origin and pass.",
			set:  func(s *Settings, v string) error { return setOrigins(&s.AllowedOrigins, v) },
		},
	}
}

func logKeys() []key {
	return []key{
		{
			name: "LOG_LEVEL", fallback: "info",
			help: "debug, info, warn or error.",
			set:  func(s *Settings, v string) error { return oneOf(&s.LogLevel, v, "debug", "info", "warn", "error") },
		},
		{
			name: "LOG_RETENTION_DAYS", fallback: "30",
			help: "How long CloudWatch keeps the logs: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 ...",
			set:  func(s *Settings, v string) error { return setRetention(&s.LogRetentionDays, v) },
		},
	}
}
