package stacks

import (
	"crypto/sha256"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// newUserPool declares an Amazon Cognito user pool as the issuer of sign-in, with a
// group for each of SIGNIN_TOOLS, and returns the issuer's URL. There is no sign-up:
// an administrator adds people, or a federated identity provider.
//
// Property names follow the CloudFormation reference of November 2026. The CDK does not
// have those for the registration of clients yet.
func newUserPool(stack awscdk.Stack, s settings.Settings) (issuer string) {
	pool := awscognito.NewCfnUserPool(stack, jsii.String("SigninPool"), &awscognito.CfnUserPoolProps{
		UserPoolName:           jsii.String(s.FullStackName()),
		UserPoolTier:           jsii.String("ESSENTIALS"), // the lowest tier with client registration and audiences
		UsernameAttributes:     jsii.Strings("email"),
		AutoVerifiedAttributes: jsii.Strings("email"),
		AdminCreateUserConfig:  &awscognito.CfnUserPool_AdminCreateUserConfigProperty{AllowAdminCreateUserOnly: jsii.Bool(true)},
		AccountRecoverySetting: &awscognito.CfnUserPool_AccountRecoverySettingProperty{
			RecoveryMechanisms: []any{&awscognito.CfnUserPool_RecoveryOptionProperty{Name: jsii.String("verified_email"), Priority: jsii.Number(1)}},
		},
		MfaConfiguration: jsii.String("OPTIONAL"),
		EnabledMfas:      jsii.Strings("SOFTWARE_TOKEN_MFA"),
		Policies: &awscognito.CfnUserPool_PoliciesProperty{PasswordPolicy: &awscognito.CfnUserPool_PasswordPolicyProperty{
			MinimumLength: jsii.Number(12), RequireLowercase: jsii.Bool(true), RequireUppercase: jsii.Bool(true),
			RequireNumbers: jsii.Bool(true), RequireSymbols: jsii.Bool(true),
		}},
		DeletionProtection: jsii.String(map[bool]string{true: "ACTIVE", false: "INACTIVE"}[s.Protected()]),
	})
	pool.OverrideLogicalId(jsii.String("SigninPool")) // a new pool has no people in it
	suppressAll(pool, [][2]string{
		{"AwsSolutions-COG2", "A second factor is optional: whether people have to use one is decided where their accounts are, and the operator can require it in the pool."},
		{"AwsSolutions-COG8", "The tier Essentials has what MCP clients need; threat protection needs the tier Plus, which costs more for each person."},
	})

	scope := settings.CognitoResource + "/" + settings.CognitoScope
	server := awscognito.NewCfnUserPoolResourceServer(stack, jsii.String("SigninScope"), &awscognito.CfnUserPoolResourceServerProps{
		UserPoolId: pool.Ref(), Identifier: jsii.String(settings.CognitoResource), Name: jsii.String(s.ServerName),
		Scopes: []any{&awscognito.CfnUserPoolResourceServer_ResourceServerScopeTypeProperty{
			ScopeName: jsii.String(settings.CognitoScope), ScopeDescription: jsii.String("Use the tools of " + s.ServerName),
		}},
	})
	// Clients may register themselves, for the code flow and this scope only.
	pool.AddPropertyOverride(jsii.String("DcrConfiguration"), map[string]any{
		"EnableStatus": "Enabled", "OpenDcrEnabled": true, "OpenDcrGrantTypes": []string{"code"}, "AllowedScopes": []string{scope},
	})

	acknowledge(pool, "F3002", "The validator of this CDK has no DcrConfiguration yet, which the CloudFormation reference has.")

	client := newSigninClient(stack, pool, scope)
	client.Node().AddDependency(server)
	for _, group := range s.Signin.Groups() {
		// The id must not depend on the other groups: with a new id, the group would be
		// deleted, with its members.
		id := fmt.Sprintf("SigninGroup%.4x", sha256.Sum256([]byte(group)))
		awscognito.NewCfnUserPoolGroup(stack, jsii.String(id), &awscognito.CfnUserPoolGroupProps{
			UserPoolId: pool.Ref(), GroupName: jsii.String(group), Description: jsii.String("Group of SIGNIN_TOOLS"),
		})
	}
	// The prefix must be unique in the region, so it is a part of the stack's id.
	prefix := awscdk.Fn_Select(jsii.Number(0), awscdk.Fn_Split(jsii.String("-"),
		awscdk.Fn_Select(jsii.Number(2), awscdk.Fn_Split(jsii.String("/"), stack.StackId(), nil)), nil))
	domain := awscognito.NewCfnUserPoolDomain(stack, jsii.String("SigninDomain"), &awscognito.CfnUserPoolDomainProps{
		UserPoolId: pool.Ref(), Domain: jsii.String("mcp-" + *prefix), ManagedLoginVersion: jsii.Number(2),
	})
	domain.OverrideLogicalId(jsii.String("SigninDomain"))

	issuer = "https://cognito-idp." + *stack.Region() + "." + *stack.UrlSuffix() + "/" + *pool.Ref()
	output(stack, "SigninIssuer", &issuer, "Issuer of access tokens: an Amazon Cognito user pool")
	output(stack, "SigninUserPoolId", pool.Ref(), "User pool of the people who sign in; add them there, and put them into the groups of SIGNIN_TOOLS")
	output(stack, "SigninClientId", client.Ref(), "Client ID for clients that neither register themselves nor have metadata of their own")
	return issuer
}

// newSigninClient declares the public app client for clients that identify themselves by
// the URL of their metadata (CIMD), and for clients that people configure with a client ID.
func newSigninClient(stack awscdk.Stack, pool awscognito.CfnUserPool, scope string) awscognito.CfnUserPoolClient {
	client := awscognito.NewCfnUserPoolClient(stack, jsii.String("SigninClient"), &awscognito.CfnUserPoolClientProps{
		UserPoolId: pool.Ref(), ClientName: jsii.String("mcp"), GenerateSecret: jsii.Bool(false),
		AllowedOAuthFlowsUserPoolClient: jsii.Bool(true), AllowedOAuthFlows: jsii.Strings("code"), AllowedOAuthScopes: jsii.Strings("openid", scope),
		CallbackUrLs: jsii.Strings(settings.HostedRedirects()...), SupportedIdentityProviders: jsii.Strings("COGNITO"),
		PreventUserExistenceErrors: jsii.String("ENABLED"), EnableTokenRevocation: jsii.Bool(true),
		AccessTokenValidity: jsii.Number(60), RefreshTokenValidity: jsii.Number(30),
		TokenValidityUnits: &awscognito.CfnUserPoolClient_TokenValidityUnitsProperty{AccessToken: jsii.String("minutes"), RefreshToken: jsii.String("days")},
		RefreshTokenRotation: &awscognito.CfnUserPoolClient_RefreshTokenRotationProperty{
			Feature: jsii.String("ENABLED"), RetryGracePeriodSeconds: jsii.Number(60), // for a response that was lost
		},
	})
	client.OverrideLogicalId(jsii.String("SigninClient")) // a new client has a new ID, and people's clients have the old one
	awscognito.NewCfnManagedLoginBranding(stack, jsii.String("SigninLook"), &awscognito.CfnManagedLoginBrandingProps{
		UserPoolId: pool.Ref(), ClientId: client.Ref(), UseCognitoProvidedValues: jsii.Bool(true), // without branding, there is no login page
	})
	policy := awscdk.NewCfnResource(stack, jsii.String("SigninClientMetadata"), &awscdk.CfnResourceProps{
		Type: jsii.String("AWS::Cognito::CIMDPolicy"),
		Properties: &map[string]any{
			"UserPoolId": pool.Ref(), "ClientId": client.Ref(), "PolicyName": "mcp", "URLPatterns": settings.ClientMetadataURLs(),
		},
	})
	acknowledge(policy, "F3006", "The validator of this CDK does not know the resource type yet, which the CloudFormation reference has.")
	return client
}

// acknowledge accepts a finding of the CDK's offline validation of the template.
func acknowledge(resource awscdk.CfnResource, rule, reason string) {
	awscdk.Validations_Of(resource).Acknowledge(&awscdk.Acknowledgment{Id: jsii.String("CloudFormation-Validate::" + rule), Reason: jsii.String(reason)})
}
