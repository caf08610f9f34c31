package cli

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/clients/printable"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings/dotenv"
)

// ErrNoKey means that mcpctl has found no key for the server.
var ErrNoKey = errors.New("no key for this server")

// errGeneratedKey means that mcpctl has found no key, but Secrets Manager has one.
var errGeneratedKey = fmt.Errorf("%w", ErrNoKey)

// Hint returns advice for the user about an error, or "" if there is none. The packages
// that return these errors do not mention mcpctl's commands.
func Hint(err error) string {
	var status *mcpclient.StatusError
	var unknown *mcpclient.UnknownToolError
	switch {
	case errors.Is(err, dotenv.ErrNoProject):
		return "Run it in the project's folder or below."
	case errors.Is(err, local.ErrNotRunning):
		return "Start it with: go tool mcpctl local"
	case errors.Is(err, ErrSignin):
		return "mcpctl connect --signin adds the endpoint to a client that signs in, and mcpctl doctor --endpoint signin examines it. Tools are listed and called with a key, at another endpoint."
	case errors.Is(err, errGeneratedKey):
		return "AWS generated the key of this stack: go tool mcpctl keys show-deployed prints it, with the same --stack, --stage or --region. Then set MCP_API_KEY in the environment."
	case errors.Is(err, ErrNoKey):
		return "Set MCP_API_KEY in the environment, or API_KEY in .env, which is not used with --url."
	case errors.Is(err, mcpclient.ErrInsecure):
		return "Use https. Plain http is allowed for this machine only."
	case errors.As(err, &unknown) && len(unknown.Known) == 0:
		return "The key may not use any tool."
	case errors.As(err, &unknown):
		return "Available: " + printable.Line(strings.Join(unknown.Known, ", "))
	case errors.As(err, &status):
		return statusHint(status)
	case errors.Is(err, ErrConnectionRefused):
		return "Nothing listens there. For the local server: go tool mcpctl local"
	}
	return ""
}

// statusHint names the likely cause of an HTTP status.
func statusHint(e *mcpclient.StatusError) string {
	switch {
	case e.Code == http.StatusUnauthorized:
		return "The server did not receive a key. Servers of this project take it in x-api-key. For one that takes bearer tokens: go tool mcpctl doctor --bearer"
	case e.Code == http.StatusForbidden:
		return "The key is unknown there, has expired, or belongs to another stage. The gateway caches authorizer results for AUTHORIZER_CACHE_SECONDS."
	case e.Code == http.StatusNotFound:
		return "Nothing is served at this path. The endpoint ends in /mcp."
	case e.Code == http.StatusTooManyRequests:
		return "The throttling limit is shared by all callers: try again, or raise THROTTLE_RATE and deploy."
	case e.Code >= 300 && e.Code < 400:
		return "The key is not sent along redirects. Use the URL of the redirect, if you trust it."
	case e.Code >= 500:
		return "The server failed. Its log has the reason: the terminal of mcpctl local, or the log groups in the stack's outputs."
	}
	return ""
}
