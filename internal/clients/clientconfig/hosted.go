package clientconfig

// A Support describes whether a hosted client can use the server.
type Support string

// The kinds of support.
const (
	Works  Support = "works with your key"
	SignIn Support = "needs sign-in"
)

// A HostedClient is a service that runs elsewhere, and so has no file on this
// machine.
type HostedClient struct {
	Name    string
	Support Support
	Steps   []string // what to do
	Docs    string
}

// Hosted returns the hosted clients, as of 2026-11-28.
func Hosted() []HostedClient {
	return []HostedClient{
		{
			Name: "claude.ai and Claude Desktop connectors", Support: Works,
			Docs: "https://support.claude.com/en/articles/11175166-getting-started-with-custom-connectors-using-remote-mcp",
			Steps: []string{
				"Settings, Connectors, Add custom connector: enter the endpoint's URL, and the header x-api-key with your key.",
				"Request headers are not available on every plan yet: without that field, use Claude Code, or mcp-remote in Claude Desktop.",
				"Anthropic's servers call the endpoint, so it must be reachable from the internet.",
			},
		},
		{
			Name: "Microsoft Copilot Studio", Support: Works,
			Docs: "https://learn.microsoft.com/en-us/microsoft-copilot-studio/mcp-add-existing-server-to-agent",
			Steps: []string{
				"Tools, Add a tool, New tool, Model Context Protocol: enter the endpoint's URL.",
				"Authentication: API key, in a header, with the name x-api-key; then enter your key in the connection.",
			},
		},
		{
			Name: "ChatGPT", Support: SignIn,
			Docs:  "https://platform.openai.com/docs/guides/developer-mode",
			Steps: []string{"It supports OAuth or no authentication, but no custom header, so it cannot send an API key."},
		},
		{
			Name: "Gemini Enterprise", Support: SignIn,
			Docs:  "https://cloud.google.com/gemini/enterprise/docs",
			Steps: []string{"It supports OAuth with a client that was registered in advance, but no custom header."},
		},
	}
}
