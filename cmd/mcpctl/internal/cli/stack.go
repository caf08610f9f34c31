package cli

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/deploy/deployed"
)

// StackTarget names the deployed stack that a command works on. The zero value
// means the stack of the settings, in the region and account of the AWS CLI.
type StackTarget struct {
	Stack, Stage, Region, Profile string
	Given                         bool // whether a flag set one of them
	// Endpoint selects one of the stack's endpoints, see [StackTarget.EndpointFlag];
	// empty means that of the first shape.
	Endpoint string
	// Signin selects the endpoint for sign-in of the shape in Endpoint; it is implied
	// by the endpoint "signin".
	Signin bool
}

// endpoints maps the values of --endpoint to the outputs of a stack.
var endpoints = map[string]string{
	"": "McpEndpoint", "bearer": "BearerEndpoint", "signin": "", "stream": "McpStreamEndpoint", "container": "McpContainerEndpoint",
}

// signinEndpoints maps the values of --endpoint to the outputs with the endpoints
// for sign-in; the first one that the stack has is used.
var signinEndpoints = map[string][]string{
	"":       {"SigninEndpoint", "SigninStreamEndpoint", "SigninContainerEndpoint"},
	"signin": {"SigninEndpoint", "SigninStreamEndpoint", "SigninContainerEndpoint"},
	"stream": {"SigninStreamEndpoint"}, "container": {"SigninContainerEndpoint"},
}

// forSignin reports whether the endpoint for sign-in is selected.
func (t StackTarget) forSignin() bool { return t.Signin || t.Endpoint == "signin" }

// EndpointFlag adds the flag --endpoint to a command.
func (t *StackTarget) EndpointFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.Endpoint, "endpoint", "", "endpoint of the server: bearer, signin, stream or container (default: that of the first shape)")
}

// CheckEndpoint rejects unknown values of --endpoint.
func (t StackTarget) CheckEndpoint() error {
	if _, known := endpoints[t.Endpoint]; !known {
		return fmt.Errorf("--endpoint %s: need bearer, signin, stream or container", t.Endpoint)
	}
	if t.Signin && signinEndpoints[t.Endpoint] == nil {
		return fmt.Errorf("--endpoint %s takes keys: omit it or --signin", t.Endpoint)
	}
	return nil
}

// EndpointOf returns the URL of the selected endpoint of a stack.
func (t StackTarget) EndpointOf(stack *deployed.Stack) (string, error) {
	if err := t.CheckEndpoint(); err != nil {
		return "", err
	}
	if t.forSignin() {
		return t.signinEndpoint(stack)
	}
	url, err := stack.Output(endpoints[t.Endpoint])
	switch {
	case err == nil || t.Endpoint == "" || stack.Problem() != "":
		return url, err
	case t.Endpoint == "bearer":
		return "", fmt.Errorf("%s has no endpoint for bearer tokens: set BEARER_ROUTE=true and deploy", stack)
	}
	return "", fmt.Errorf("%s has no endpoint %s: add it to SHAPES and deploy", stack, t.Endpoint)
}

// signinEndpoint returns the URL at which people sign in.
func (t StackTarget) signinEndpoint(stack *deployed.Stack) (string, error) {
	for _, output := range signinEndpoints[t.Endpoint] {
		if url, err := stack.Output(output); err == nil || stack.Problem() != "" {
			return url, err
		}
	}
	what := "endpoint for sign-in"
	if t.Endpoint != "" && t.Endpoint != "signin" {
		what += " of the shape " + t.Endpoint
	}
	return "", fmt.Errorf("%s has no %s: set SIGNIN_ISSUER and deploy", stack, what)
}

// Flags adds the flags to a command.
func (t *StackTarget) Flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.Stack, "stack", "", "name of the deployed stack (default: STACK_NAME of the settings)")
	cmd.Flags().StringVar(&t.Stage, "stage", "", "stage of the stack (default: STAGE of the settings)")
	cmd.Flags().StringVar(&t.Region, "region", "", "AWS region (default: that of the environment or profile)")
	cmd.Flags().StringVar(&t.Profile, "profile", "", "AWS profile (default: AWS_PROFILE, or the profile default)")
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range []string{"stack", "stage", "region", "profile"} {
			t.Given = t.Given || cmd.Flags().Changed(name)
		}
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
}

// Find looks the stack up.
func (t StackTarget) Find(ctx context.Context, env *Env) (*deployed.Stack, error) {
	o, err := t.Options(env)
	if err != nil {
		return nil, err
	}
	return deployed.Find(ctx, o)
}

// Options returns options that name the stack. The name comes from the flags, or else from
// the settings; if --stack is given, mistakes in the settings do not matter.
func (t StackTarget) Options(env *Env) (deployed.Options, error) {
	s, err := env.Settings()
	if err != nil && t.Stack == "" {
		return deployed.Options{}, err
	}
	if t.Stack != "" {
		s.StackName, s.Stage = t.Stack, "" // the whole name, unless --stage is given too
	}
	if t.Stage != "" {
		s.Stage = t.Stage
	}
	return deployed.Options{Name: s.FullStackName(), Region: t.Region, Profile: cmp.Or(t.Profile, env.Getenv("AWS_PROFILE"))}, nil
}
