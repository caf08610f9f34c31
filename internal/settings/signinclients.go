package settings

import "strings"

// A SigninClient is a client to which the issuer sends people back after they signed in.
type SigninClient struct {
	Name     string // of the client
	Redirect string // the redirect URI; a loopback address without a port stands for any port
	Metadata string // the URL of its metadata, which it may use as its client id; empty means none
}

// SigninClients returns clients with their redirect URIs, as of 2026-11-28. Copilot Studio
// shows its redirect URI when a connector is created.
func SigninClients() []SigninClient {
	return []SigninClient{
		{"claude.ai and Claude Desktop", "https://claude.ai/api/mcp/auth_callback", "https://claude.ai/oauth/mcp-oauth-client-metadata"},
		{"the same, on claude.com", "https://claude.com/api/mcp/auth_callback", ""},
		{"ChatGPT", "https://chatgpt.com/connector_platform_oauth_redirect", "https://chatgpt.com/oauth/client.json"},
		{"VS Code", "https://vscode.dev/redirect", "https://vscode.dev/oauth/client-metadata.json"},
		{"VS Code, on this machine", "http://127.0.0.1/", ""},
		{"Cursor", "http://localhost:8787/callback", ""},
		{"Claude Code", "http://localhost/callback", "https://claude.ai/oauth/claude-code-client-metadata"},
		{"Codex CLI", "http://127.0.0.1/callback", "https://chatgpt.com/oauth/codex/client.json"},
		{"Gemini Enterprise", "https://vertexaisearch.cloud.google.com/oauth-redirect", ""},
	}
}

// HostedRedirects returns the redirect URIs of hosted services, that is, those that are
// not on a loopback address.
func HostedRedirects() []string {
	var all []string
	for _, c := range SigninClients() {
		if strings.HasPrefix(c.Redirect, "https://") {
			all = append(all, c.Redirect)
		}
	}
	return all
}

// ClientMetadataURLs returns the URLs by which clients may identify themselves.
func ClientMetadataURLs() []string {
	var all []string
	for _, c := range SigninClients() {
		if c.Metadata != "" {
			all = append(all, c.Metadata)
		}
	}
	return all
}
