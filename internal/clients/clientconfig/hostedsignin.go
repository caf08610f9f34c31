package clientconfig

// HostedSignin returns the hosted assistants whose users sign in, with the steps to connect
// them, as of 2026-11-28. They call the server from their own machines.
func HostedSignin() []HostedClient {
	return []HostedClient{
		{
			Name: "claude.ai and Claude Desktop connectors",
			Docs: "https://support.claude.com/en/articles/11175166-getting-started-with-custom-connectors-using-remote-mcp",
			Steps: []string{
				"Settings, Connectors, Add custom connector: enter the URL, and leave everything else empty. In a team, an owner does this once for everyone.",
				"Choose Connect next to the new connector, and sign in.",
				"It caches what it has found out about a URL. If it still fails after the server was corrected, remove the connector, wait a few minutes and add it again.",
			},
		},
		{
			Name: "ChatGPT",
			Docs: "https://platform.openai.com/docs/guides/developer-mode",
			Steps: []string{
				"Settings, Apps, Advanced settings: turn on Developer mode, which a workspace's owner has to allow.",
				"Create app: enter a name and the URL, and choose OAuth as authentication.",
				"Choose Create, and sign in.",
			},
		},
		{
			Name: "Microsoft Copilot Studio",
			Docs: "https://learn.microsoft.com/en-us/microsoft-copilot-studio/mcp-add-existing-server-to-agent",
			Steps: []string{
				"Tools, Add a tool, New tool, Model Context Protocol: enter a name, a description and the URL.",
				"Authentication: OAuth 2.0, with dynamic discovery. If that fails, choose manual, and enter the client that the server's operator has registered for you; tell the operator the redirect URL that is shown.",
				"Create the connection, and sign in.",
			},
		},
		{
			Name: "Gemini Enterprise",
			Docs: "https://cloud.google.com/gemini/enterprise/docs/connectors/custom-mcp-server/set-up-custom-mcp-server",
			Steps: []string{
				"An administrator asks the server's operator for a client ID and secret, and for the issuer's authorization and token URLs. The client needs the redirect URI https://vertexaisearch.cloud.google.com/oauth-redirect.",
				"Data stores, Create data store, Custom MCP server: enter the URL, and what the operator sent.",
				"Authorize the data store, and sign in.",
			},
		},
	}
}
