package cli

import (
	"errors"
	"net/http"
	"strings"

	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings/dotenv"
)

// ErrNoKey means that no key for the server is known.
var ErrNoKey = errors.New("no key for this server")

// Hint returns what the user can do about an error from a package that does not
// know the command line; "" if the error says it.
func Hint(err error) string {
	var status *mcpclient.StatusError
	var unknown *mcpclient.UnknownToolError
	switch {
	case errors.Is(err, dotenv.ErrNoProject):
		return "Run it in the project's folder or below."
	case errors.Is(err, local.ErrNotRunning):
		return "Start it with: go tool mcpctl local"
	case errors.Is(err, ErrNoKey):
		return "Set MCP_API_KEY in the environment, or API_KEY in .env, which counts without --url."
	case errors.Is(err, mcpclient.ErrInsecure):
		return "Use https. Plain http is for this machine only."
	case errors.As(err, &unknown) && len(unknown.Known) == 0:
		return "The key may use no tools."
	case errors.As(err, &unknown):
		return "There are: " + strings.Join(unknown.Known, ", ")
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
		return "No key arrived there. Servers of this project take the header x-api-key; one that takes bearer tokens: go tool mcpctl doctor --bearer"
	case e.Code == http.StatusForbidden:
		return "The key is not known there, has expired, or belongs to another stage. The gateway remembers a verdict for AUTHORIZER_CACHE_SECONDS."
	case e.Code == http.StatusNotFound:
		return "Nothing is served at this path. The endpoint ends in /mcp."
	case e.Code == http.StatusTooManyRequests:
		return "The server is throttled for all its callers together: try again, or raise THROTTLE_RATE and deploy."
	case e.Code >= 300 && e.Code < 400:
		return "The key is not sent along redirects. Use the address it points to, if you trust it."
	case e.Code >= 500:
		return "The server failed; its logs say why: the terminal of mcpctl local, or the log groups in the stack's outputs."
	}
	return ""
}
