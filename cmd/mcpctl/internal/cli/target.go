package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// Target names the server that a command works on. The zero value means the
// local server if one is running, otherwise the deployed stack of the settings.
type Target struct {
	Local bool
	URL   string
	StackTarget
}

// Server is an endpoint that a [Target] names.
type Server struct {
	URL  string
	Key  string // empty if none is known
	What string // description for the user
	// KeyFile is the file that the key was read from; empty if there is none.
	KeyFile string
	// Stack is the deployed stack of the endpoint; nil if none is known.
	Stack *deployed.Stack
}

// String describes the server and its endpoint for the user.
func (s Server) String() string {
	if s.What == "" || s.What == s.URL {
		return s.URL
	}
	return s.What + ", " + s.URL
}

// ErrSignin means that an endpoint takes the access token of a person who signed in,
// which mcpctl does not have.
var ErrSignin = errors.New("this endpoint takes the access token of a person who signed in, which mcpctl does not have")

// ForSignin reports whether people sign in at the endpoint.
func (s Server) ForSignin() bool { return clientconfig.ForSignin(s.URL) }

// CheckKey returns an error if no request with a key can be sent to the endpoint:
// [ErrSignin], or [ErrNoKey] with advice for the user.
func (s Server) CheckKey() error {
	switch {
	case s.ForSignin():
		return ErrSignin
	case s.Key == "":
		return s.NoKeyError()
	}
	return nil
}

// NoKeyError returns an [ErrNoKey] with advice for the user.
func (s Server) NoKeyError() error {
	if s.Stack == nil {
		return ErrNoKey
	}
	if print, _ := s.Stack.Output("ApiKeyFingerprint"); print != "generated" {
		return ErrNoKey
	}
	return errGeneratedKey
}

// Flags adds the target's flags to a command.
func (t *Target) Flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&t.Local, "local", false, LocalUsage)
	cmd.Flags().StringVar(&t.URL, "url", "", "work on the server at this URL; the key comes from MCP_API_KEY")
	t.StackTarget.Flags(cmd)
	t.EndpointFlag(cmd)
	cmd.MarkFlagsMutuallyExclusive("local", "url", "stack")
	cmd.MarkFlagsMutuallyExclusive("local", "url", "stage")
	cmd.MarkFlagsMutuallyExclusive("local", "url", "region")
	cmd.MarkFlagsMutuallyExclusive("local", "url", "profile")
	cmd.MarkFlagsMutuallyExclusive("url", "endpoint")
}

// Find finds the server.
func (t Target) Find(ctx context.Context, env *Env) (Server, error) {
	if err := t.CheckEndpoint(); err != nil {
		return Server{}, err
	}
	if t.URL != "" {
		return Server{URL: t.URL, Key: env.Getenv("MCP_API_KEY"), What: t.URL}, mcpclient.CheckURL(t.URL)
	}
	if t.Given {
		return t.findDeployed(ctx, env)
	}
	s, state, noLocal := localServer(env)
	if noLocal == nil {
		return s.local(state, t.StackTarget)
	}
	if t.Local || !errors.Is(noLocal, local.ErrNotRunning) && !errors.Is(noLocal, dotenv.ErrNoProject) {
		return s, noLocal
	}
	s, err := t.findDeployed(ctx, env)
	if err != nil && errors.Is(noLocal, local.ErrNotRunning) {
		err = fmt.Errorf("no local server is running (go tool mcpctl local starts one), and the deployed one is not found: %w", err)
	}
	return s, err
}

// local returns s, the local server, with the URL of the selected endpoint. The local
// server runs one shape only, with the settings that it was started with.
func (s Server) local(state local.State, t StackTarget) (Server, error) {
	base := strings.TrimSuffix(s.URL, settings.Paths()[0])
	switch {
	case t.Endpoint == "stream" || t.Endpoint == "container":
		return Server{}, fmt.Errorf("--endpoint %s selects an endpoint of a deployed stack; the local server has one shape, selected when it starts: mcpctl local --shape %s", t.Endpoint, t.Endpoint)
	case t.forSignin():
		if !state.Signin {
			return Server{}, errors.New("the local server has no endpoint for sign-in: set SIGNIN_ISSUER=local in .env and start it again")
		}
		s.URL = base + settings.SigninPath
		s.What += ", endpoint signin"
	case t.Endpoint == "bearer":
		if !state.Bearer {
			return Server{}, errors.New("the local server has no endpoint for bearer tokens: set BEARER_ROUTE=true in .env and start it again")
		}
		s.URL = base + settings.BearerPath
		s.What += ", endpoint bearer"
	}
	return s, nil
}

// LocalRuns reports whether mcpctl local runs for this project.
func LocalRuns(env *Env) bool {
	_, _, err := localServer(env)
	return err == nil
}

// localServer finds what mcpctl local runs for this project.
func localServer(env *Env) (Server, local.State, error) {
	folder, err := LocalFolder(env)
	if err != nil {
		return Server{}, local.State{}, err
	}
	state, err := folder.ReadState()
	if err != nil {
		return Server{}, local.State{}, err
	}
	key, file := env.Getenv("MCP_API_KEY"), ""
	if key == "" && state.KeyFile != "" {
		file = folder.Path(state.KeyFile)
		if key, err = folder.Read(state.KeyFile); err != nil {
			return Server{}, local.State{}, err
		}
	}
	if key == "" {
		key = settingsKey(env)
	}
	return Server{URL: state.URL, Key: key, What: "the local server", KeyFile: file}, state, nil
}

// findDeployed finds the endpoint in the outputs of a stack.
func (t StackTarget) findDeployed(ctx context.Context, env *Env) (Server, error) {
	stack, err := t.Find(ctx, env)
	if err != nil {
		return Server{}, err
	}
	endpoint, err := t.EndpointOf(stack)
	if err != nil {
		return Server{}, err
	}
	what := stack.String()
	if t.Endpoint != "" {
		what += ", endpoint " + t.Endpoint
	}
	if t.Signin && t.Endpoint != "signin" {
		what += ", endpoint signin"
	}
	return Server{URL: endpoint, Key: cmp.Or(env.Getenv("MCP_API_KEY"), settingsKey(env)), What: what, Stack: stack}, nil
}

// settingsKey returns API_KEY of the settings, "" if it is unset, also if another setting
// is invalid.
func settingsKey(env *Env) string {
	s, _ := env.Settings()
	if s.APIKey == settings.NoKey {
		return ""
	}
	return s.APIKey
}

// BearerHelp is the help text of --bearer. The flag is not needed for an endpoint whose
// path shows that it takes bearer tokens.
const BearerHelp = "send the key as Authorization: Bearer, not as x-api-key (always so at /bearer/mcp)"
