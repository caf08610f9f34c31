package keys

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/keys/keyregistry"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// targetFlags select the registry of a keys command: the deployed stack's, or with
// --local the local server's. Unlike [cli.Target], the zero value never means the
// local server, because a key revoked in the wrong place stays valid.
type targetFlags struct {
	Local bool
	cli.StackTarget
}

func (f *targetFlags) flags(cmd *cobra.Command) {
	f.StackTarget.Flags(cmd)
	f.EndpointFlag(cmd)
	cli.LocalFlag(cmd, &f.Local, cli.LocalUsage)
}

// find prints the target that the flags select, and returns it.
func (f targetFlags) find(ctx context.Context, env *cli.Env) (*keyTarget, error) {
	if f.Endpoint == "signin" {
		return nil, errors.New("--endpoint signin: keys are not accepted there; omit it")
	}
	find := f.findDeployed
	if f.Local {
		find = f.findLocal
	}
	t, issued, err := find(ctx, env)
	if err != nil {
		return nil, err
	}
	t.Registry = keyregistry.New(keyregistry.Options{
		Secrets: t.secrets, ID: issued, Now: env.Clock.Now, Sleep: env.Clock.Sleep, DeploymentKey: t.deploymentKey, Fields: t.Fields,
		Author: t.author, Tool: "mcpctl " + settings.Version,
	})
	return t, nil
}

// fields010 are the fields that version 0.1.0 understands, whose stacks have no
// output KeyFields.
const fields010 = "created,expires,id,note,sha256,tools"

// findDeployed returns the target of a stack, and the ID of its registry.
func (f targetFlags) findDeployed(ctx context.Context, env *cli.Env) (t *keyTarget, issued string, err error) {
	o, err := f.StackTarget.Options(env)
	if err != nil {
		return nil, "", err
	}
	// Options has reported the mistakes that matter; others in .env must not prevent the
	// user from revoking a key.
	values, _, _ := dotenv.Load(env.Dir, env.Environ)
	s, _ := settings.Parse(values)
	from := namedBy(f.StackTarget, values)
	find := deployed.Find
	if from == byDefault {
		find = deployed.FindOnly
	}
	stack, err := find(ctx, o)
	if err != nil {
		return nil, "", err
	}
	env.Note("target: stack %s (%s), region %s (%s), account %s (%s)", stack.Name, from,
		stack.Region, regionFrom(env, stack, f.Region, o.Profile), stack.Account, credentialsFrom(stack.Credentials, o.Profile))
	t = &keyTarget{
		Stage: stageOf(f.StackTarget, stack.Name, s.StackName), explain: stack.Explain,
		secrets: secretsmanager.NewFromConfig(stack.Config), gateway: apigatewayv2.NewFromConfig(stack.Config),
		author: author(env, stack.Config), trail: cloudtrail.NewFromConfig(stack.Config, repeatLookups),
	}
	t.Server = entryName(env, f, t.Stage)
	t.DefaultKey, _ = stack.Output("ApiKeySecretArn") // missing with API_KEY=none
	t.Fingerprint, _ = stack.Output("ApiKeyFingerprint")
	_, notCounted := stack.Output("KeyLimitsTable")
	t.Counts = notCounted == nil
	fields, err := stack.Output("KeyFields")
	if err != nil {
		fields = fields010
	}
	t.Fields = strings.Split(fields, ",")
	t.apiID, _ = stack.Output("ApiId") // missing without the shape http-api
	if t.Endpoint, err = f.EndpointOf(stack); err != nil {
		return nil, "", err
	}
	issued, err = stack.Output("IssuedKeysSecretArn")
	return t, issued, err
}

// findLocal returns the target of the local server of this project, and the ID
// of its registry.
func (f targetFlags) findLocal(_ context.Context, env *cli.Env) (t *keyTarget, issued string, err error) {
	state, err := cli.LocalState(env)
	if err != nil {
		return nil, "", err
	}
	env.Note("target: the local server at %s (process %d)", state.URL, state.PID)
	cfg := cli.LocalAWS()
	t = &keyTarget{
		author:   func(context.Context) string { return "local" },
		Endpoint: state.URL, Stage: "local", Server: entryName(env, f, "local"),
		explain: func(action string, err error) error { return deployed.Explain(action, err, "") },
		secrets: secretsmanager.NewFromConfig(cfg, func(o *secretsmanager.Options) { o.BaseEndpoint = &state.SecretsManager }),
		gateway: apigatewayv2.NewFromConfig(cfg, func(o *apigatewayv2.Options) { o.BaseEndpoint = &state.APIGateway }),
	}
	t.Counts = state.KeyLimits
	if state.APIGateway != "" {
		t.apiID = local.APIID
	}
	if state.HasKey() {
		t.DefaultKey = local.SecretName(local.DefaultKeyID)
	}
	return t, local.SecretName(local.IssuedKeysID), nil
}

// repeatLookups makes the client retry a lookup of events for about a minute: CloudTrail
// allows two calls a second for the whole account, and others look up events too.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
func repeatLookups(o *cloudtrail.Options) { o.RetryMaxAttempts = 10 }
