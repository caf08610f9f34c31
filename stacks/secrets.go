package stacks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// secrets are the stack's secrets, which all shapes share.
type secrets struct {
	defaultKey awssecretsmanager.CfnSecret // the deployment key; nil with API_KEY=none
	issuedKeys awssecretsmanager.CfnSecret
	tools      map[string]string // ARNs by the names of the TOOL_SECRET_ settings
}

// newSecrets declares the secrets. A protected stack keeps the issued keys when it is
// deleted, but not when the deployment that created them is rolled back: then the secret
// is empty, and nothing would ever delete it.
func newSecrets(stack awscdk.Stack, s settings.Settings) secrets {
	all := secrets{defaultKey: newDefaultKey(stack, KeyOf(s)), issuedKeys: newIssuedKeys(stack)}
	if s.Protected() {
		all.issuedKeys.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	}
	all.tools = newToolSecrets(stack, s)
	return all
}

// keyARNs returns the ARNs of the secrets that a server needs to check keys.
func (s secrets) keyARNs() []string {
	arns := []string{*s.issuedKeys.Ref()}
	if s.defaultKey != nil {
		arns = append(arns, *s.defaultKey.Ref())
	}
	return arns
}

// toolARNs returns the ARNs of the tools' secrets, sorted by name, so that every
// synthesis gives the same template.
func (s secrets) toolARNs() []string {
	var arns []string
	for _, name := range slices.Sorted(maps.Keys(s.tools)) {
		arns = append(arns, s.tools[name])
	}
	return arns
}

// defaultKeyARN returns the ARN of the deployment key's secret, "" if there is no such key.
func (s secrets) defaultKeyARN() string {
	if s.defaultKey == nil {
		return ""
	}
	return *s.defaultKey.Ref()
}

// newDefaultKey declares the secret with the deployment key, or returns nil if
// there is none. A key from a setting is stored as its hash: the plaintext does not
// leave the user's machine.
func newDefaultKey(stack awscdk.Stack, k Key) awssecretsmanager.CfnSecret {
	props := &awssecretsmanager.CfnSecretProps{Description: jsii.String("The API key of this deployment")}
	switch k.Source {
	case KeyNone:
		return nil
	case KeyGenerated:
		// Any change of this block generates another key. Punctuation is excluded
		// because the default alphabet has characters such as { and ".
		props.GenerateSecretString = &awssecretsmanager.CfnSecret_GenerateSecretStringProperty{
			ExcludePunctuation: jsii.Bool(true),
			PasswordLength:     jsii.Number(48),
		}
	default:
		props.SecretString = jsii.String(k.document())
	}
	return newSecret(stack, "DefaultKey", props,
		"The key is a setting of the deployment. Automatic rotation would lock out everyone who uses it.")
}

// newIssuedKeys declares the secret of the keys that "mcpctl keys" issues. The template
// must never have a value for it: CloudFormation would overwrite all keys issued since.
// (The CDK's Secret construct would generate a value, so this is the plain resource.)
func newIssuedKeys(stack awscdk.Stack) awssecretsmanager.CfnSecret {
	return newSecret(stack, "IssuedKeys",
		&awssecretsmanager.CfnSecretProps{Description: jsii.String("Hashes of the issued API keys, written by mcpctl keys")},
		"mcpctl keys rotates each key separately. The secret is a list of their hashes, which cannot be rotated as a whole.")
}

// newToolSecrets declares an empty secret for each TOOL_SECRET_ setting and returns
// their ARNs by the settings' names. The values are not in the template: "mcpctl
// secrets push" writes them, and finds the secrets by the outputs.
func newToolSecrets(stack awscdk.Stack, s settings.Settings) map[string]string {
	arns := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.ToolSecrets)) {
		id := settings.ToolSecretID(name)
		secret := newSecret(stack, id,
			&awssecretsmanager.CfnSecretProps{Description: jsii.String(name + " of the tools, written by mcpctl secrets push")},
			"It holds the credential of a service outside this stack, which defines how that is renewed.")
		output(stack, id+"Arn", secret.Ref(), name)
		arns[name] = *secret.Ref()
	}
	return arns
}

// newSecret declares a secret that is deleted with the stack. The reason states why
// Secrets Manager does not rotate it.
func newSecret(stack awscdk.Stack, id string, props *awssecretsmanager.CfnSecretProps, reason string) awssecretsmanager.CfnSecret {
	secret := awssecretsmanager.NewCfnSecret(stack, jsii.String(id), props)
	secret.ApplyRemovalPolicy(awscdk.RemovalPolicy_DESTROY, nil)
	suppress(secret, "AwsSolutions-SMG4", reason)
	return secret
}
