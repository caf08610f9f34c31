package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/spf13/cobra"

	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/keys/keyregistry"
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
	h.Registry = keyregistry.New(keyregistry.Options{Secrets: h.secrets, ID: issued, Now: p.clock.Now, Sleep: p.clock.Sleep, DeploymentKey: h.deploymentKey})
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
		Stage: stageOf(t.stackTarget, stack.Name, s.StackName), explain: stack.Explain,
		secrets: secretsmanager.NewFromConfig(stack.Config), gateway: apigatewayv2.NewFromConfig(stack.Config),
	}
	h.Server = p.entryOf(t, h.Stage)
	h.DefaultKey, _ = stack.Output("ApiKeySecretArn") // there need not be one,
	h.Fingerprint, _ = stack.Output("ApiKeyFingerprint")
	h.apiID, _ = stack.Output("ApiId") // nor an HTTP API
	var issued string
	for name, into := range map[string]*string{"McpEndpoint": &h.Endpoint, "IssuedKeysSecretArn": &issued} {
		if *into, err = stack.Output(name); err != nil {
			return nil, "", err
		}
	}
	return h, issued, nil
}

// localKeys finds what mcpctl local runs for this project.
func (p *program) localKeys(_ context.Context, t keysTarget) (*keyholder, string, error) {
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
		Endpoint: state.URL, Stage: "local", Server: p.entryOf(t, "local"),
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
