package connect

import (
	"strings"
	"testing"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/clientconfig"
)

// TestClientWithoutOAuth: a client that cannot sign in gets no entry, because the entry
// would never work.
func TestClientWithoutOAuth(t *testing.T) {
	c := clientconfig.Client{ID: "other", Name: "Other"}
	_, err := prepareOne(&cli.Env{Dir: t.TempDir()}, c, clientconfig.Server{Name: "x", URL: "https://example.com/signin/mcp", Signin: true}, connectOptions{})
	if err == nil || err.Error() != "Other cannot sign in at an HTTP server: connect it with a key, without --signin" {
		t.Errorf("%v, want an error that says what to do", err)
	}
	if got := signinSummary([]clientconfig.Client{c}); !strings.Contains(got, "all except other can") {
		t.Errorf("the list has %q", got)
	}
}
