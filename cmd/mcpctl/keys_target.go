package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/spf13/cobra"

	"serverless-mcp/internal/apikey"
	"serverless-mcp/internal/deployed"
	"serverless-mcp/internal/keyregistry"
	"serverless-mcp/internal/local"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// keysTarget says whose keys a command is about: the deployed stack's, or the
// local server's only if it is asked for. A key that was issued in the wrong
// place is a nuisance, one revoked there is worse.
type keysTarget struct {
	local bool
	stackTarget
}

func (t *keysTarget) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&t.local, "local", false, "the server that mcpctl local runs")
	t.stackTarget.flags(cmd)
	for _, name := range []string{"stack", "stage", "region", "profile"} {
		cmd.MarkFlagsMutuallyExclusive("local", name)
	}
}

// keyholder is where keys are kept, and where they open something.
type keyholder struct {
	*keyregistry.Registry
	Endpoint   string
	Stage      string // written into new keys; "" for the main one
	Server     string // its name, for messages
	DefaultKey string // id of the secret with the deployment's key; "" where there is none

	secrets *secretsmanager.Client
	gateway *apigatewayv2.Client
	apiID   string // "" where there is no gateway
	explain func(action string, err error) error
}

// keyholder finds what the flags mean, and says what that is before anything
// else happens.
func (p *program) keyholder(ctx context.Context, t keysTarget) (*keyholder, error) {
	find := p.deployedKeys
	if t.local {
		find = p.localKeys
	}
	h, issued, err := find(ctx, t)
	if err != nil {
		return nil, err
	}
	h.Registry = keyregistry.New(keyregistry.Options{Secrets: h.secrets, ID: issued, Now: p.clock.Now, Sleep: p.clock.Sleep})
	return h, nil
}

// deployedKeys finds a stack by its outputs.
func (p *program) deployedKeys(ctx context.Context, t keysTarget) (*keyholder, string, error) {
	o, err := p.stackOptions(t.stackTarget)
	if err != nil {
		return nil, "", err
	}
	// Read and complained about already: a mistake elsewhere in .env must not
	// keep a key alive.
	values, _, _ := dotenv.Load(p.dir, p.environ)
	s, _ := settings.Parse(values)
	from := namedBy(t.stackTarget, values)
	find := deployed.Find
	if from == byDefault {
		find = deployed.FindOnly
	}
	stack, err := find(ctx, o)
	if err != nil {
		return nil, "", err
	}
	p.note("target: stack %s (%s), region %s (%s), account %s (%s)", stack.Name, from,
		stack.Region, p.regionFrom(t.region, o.Profile), stack.Account, credentialsFrom(stack.Credentials, o.Profile))
	h := &keyholder{
		Server: s.ServerName, Stage: stageOf(stack.Name, s.StackName), explain: stack.Explain,
		secrets: secretsmanager.NewFromConfig(stack.Config), gateway: apigatewayv2.NewFromConfig(stack.Config),
	}
	h.DefaultKey, _ = stack.Output("ApiKeySecretArn") // there need not be one,
	h.apiID, _ = stack.Output("ApiId")                // nor an HTTP API
	var issued string
	for name, into := range map[string]*string{"McpEndpoint": &h.Endpoint, "IssuedKeysSecretArn": &issued} {
		if *into, err = stack.Output(name); err != nil {
			return nil, "", err
		}
	}
	return h, issued, nil
}

// localKeys finds what mcpctl local runs for this project.
func (p *program) localKeys(context.Context, keysTarget) (*keyholder, string, error) {
	root, err := dotenv.Root(p.dir)
	if err != nil {
		return nil, "", fmt.Errorf("find the local server: %w", err)
	}
	state, err := local.FolderIn(root).ReadState()
	if err != nil {
		return nil, "", err
	}
	p.note("target: the local server at %s (process %d)", state.URL, state.PID)
	s, _ := p.settings()
	cfg := aws.Config{Region: "us-east-1", Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil // nobody checks them
	})}
	h := &keyholder{
		Endpoint: state.URL, Stage: "local", Server: s.ServerName,
		explain: func(action string, err error) error { return deployed.Explain(action, err, "") },
		secrets: secretsmanager.NewFromConfig(cfg, func(o *secretsmanager.Options) { o.BaseEndpoint = &state.SecretsManager }),
		gateway: apigatewayv2.NewFromConfig(cfg, func(o *apigatewayv2.Options) { o.BaseEndpoint = &state.APIGateway }),
	}
	if state.APIGateway != "" {
		h.apiID = local.APIID
	}
	if s.APIKey != settings.NoKey {
		h.DefaultKey = local.SecretName(local.DefaultKeyID)
	}
	return h, local.SecretName(local.IssuedKeysID), nil
}

// byDefault says that nobody has named a stack.
const byDefault = "by default"

// namedBy says where the stack's name comes from.
func namedBy(t stackTarget, values map[string]string) string {
	switch {
	case t.stack != "":
		return "--stack"
	case t.stage != "":
		return "--stage"
	case values["STAGE"] != "":
		return "STAGE"
	case values["STACK_NAME"] != "":
		return "STACK_NAME"
	}
	return byDefault
}

func (p *program) regionFrom(flag, profile string) string {
	switch {
	case flag != "":
		return "--region"
	case p.getenv("AWS_REGION") != "":
		return "AWS_REGION"
	case p.getenv("AWS_DEFAULT_REGION") != "":
		return "AWS_DEFAULT_REGION"
	}
	return "profile " + cmp.Or(profile, "default")
}

// credentialsFrom puts the SDK's name for where credentials came from into
// people's words.
func credentialsFrom(source, profile string) string {
	switch {
	case source == "EnvConfigCredentials":
		return "AWS_ACCESS_KEY_ID"
	case profile != "":
		return "profile " + profile
	case strings.HasPrefix(source, "SharedConfigCredentials"), strings.HasPrefix(source, "SSO"), source == "":
		return "profile default"
	}
	return source
}

// stageOf is the stage in a stack's name, "" where there is none.
func stageOf(stack, base string) string {
	stage, found := strings.CutPrefix(stack, base+"-")
	if !found || !regexp.MustCompile(`^[a-z0-9]{1,12}$`).MatchString(stage) {
		return ""
	}
	return stage
}

// explained says what to do about an error that comes from AWS.
func (h *keyholder) explained(err error) error {
	var operation *smithy.OperationError
	if !errors.As(err, &operation) {
		return err
	}
	action, _, _ := strings.Cut(err.Error(), ": operation error")
	return h.explain(action, err)
}

// change writes to the registry.
func (h *keyholder) change(ctx context.Context, p *program, purpose keyregistry.Purpose, edit keyregistry.Edit) (keyregistry.Written, error) {
	var names []string
	written, err := h.Change(ctx, purpose, func(d apikey.Document) (apikey.Document, error) {
		names = namesIn(d)
		return edit(d)
	})
	switch {
	case errors.Is(err, apikey.ErrUnknown) && names == nil:
		return keyregistry.Written{}, fmt.Errorf("%w; none has been issued", err)
	case errors.Is(err, apikey.ErrUnknown):
		return keyregistry.Written{}, fmt.Errorf("%w; there are: %s", err, strings.Join(names, ", "))
	case err != nil:
		return keyregistry.Written{}, h.explained(err)
	}
	for _, k := range written.Dropped {
		p.note("dropped %q, which expired on %s, to make room", k.ID, date(k.Expires))
	}
	if n := written.Room.Versions; n >= keyregistry.WarnAt {
		p.note("warning: the registry was written %d times within a day or so; at %d only revoking is possible, until versions are a day old", n, keyregistry.StopAt)
	}
	return written, nil
}

func namesIn(d apikey.Document) []string {
	var names []string
	for _, k := range d.Keys {
		names = append(names, k.ID)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// reset empties the gateway's cache of verdicts. In the other shapes there is
// no gateway: the servers check the keys themselves, and remember no verdict.
func (h *keyholder) reset(ctx context.Context) error {
	if h.apiID == "" {
		return nil
	}
	_, err := h.gateway.ResetAuthorizersCache(ctx, &apigatewayv2.ResetAuthorizersCacheInput{ApiId: &h.apiID, StageName: aws.String("$default")})
	if err != nil {
		return h.explain("empty the gateway's cache of verdicts", err)
	}
	return nil
}
