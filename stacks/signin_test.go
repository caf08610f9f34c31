package stacks

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

// TestNoUserPoolUnlessChosen: with another issuer, or without sign-in, the stack has no
// resource of Cognito.
func TestNoUserPoolUnlessChosen(t *testing.T) {
	for name, result := range everySynthesis() {
		for id, r := range result.Resources {
			if strings.HasPrefix(r.Type, "AWS::Cognito::") != (result.settings.Signin.Issuer == settings.CognitoIssuer && strings.HasPrefix(id, "Signin")) {
				t.Errorf("%s: %s is a %s", name, id, r.Type)
			}
		}
	}
}

// TestUserPool: the pool has the properties that MCP clients need, and none that would let
// strangers sign in.
func TestUserPool(t *testing.T) {
	resources := all["cognito"].Resources
	for _, c := range []struct {
		id, kind string
		path     []string
		want     any
	}{
		{"SigninPool", "UserPool", []string{"UserPoolTier"}, "ESSENTIALS"},
		{"SigninPool", "UserPool", []string{"AdminCreateUserConfig"}, map[string]any{"AllowAdminCreateUserOnly": true}},
		{"SigninPool", "UserPool", []string{"DcrConfiguration"}, map[string]any{
			"EnableStatus": "Enabled", "OpenDcrEnabled": true, "OpenDcrGrantTypes": []any{"code"}, "AllowedScopes": []any{"mcp/tools"},
		}},
		{"SigninScope", "UserPoolResourceServer", []string{"Identifier"}, "mcp"},
		{"SigninScope", "UserPoolResourceServer", []string{"Scopes"}, []any{map[string]any{"ScopeName": "tools", "ScopeDescription": "Use the tools of serverless-mcp"}}},
		{"SigninClient", "UserPoolClient", []string{"GenerateSecret"}, false},
		{"SigninClient", "UserPoolClient", []string{"AllowedOAuthFlows"}, []any{"code"}},
		{"SigninClient", "UserPoolClient", []string{"AllowedOAuthScopes"}, []any{"openid", "mcp/tools"}},
		{"SigninClient", "UserPoolClient", []string{"RefreshTokenRotation", "Feature"}, "ENABLED"},
		{"SigninClientMetadata", "CIMDPolicy", []string{"ClientId"}, map[string]any{"Ref": "SigninClient"}},
		{"SigninClientMetadata", "CIMDPolicy", []string{"UserPoolId"}, map[string]any{"Ref": "SigninPool"}},
		{"SigninDomain", "UserPoolDomain", []string{"ManagedLoginVersion"}, 2.0},
		{"SigninGroupfd1c8dcd", "UserPoolGroup", []string{"GroupName"}, "analysts"},
		{"SigninGroupfa956b80", "UserPoolGroup", []string{"GroupName"}, "admins"},
	} {
		r := resources[c.id]
		if r.Type != "AWS::Cognito::"+c.kind {
			t.Errorf("%s is a %s", c.id, r.Type)
			continue
		}
		if d := cmp.Diff(c.want, at(r.Properties, c.path...)); d != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.id, strings.Join(c.path, "."), d)
		}
	}
	if len(all["cognito"].idsOf("Cognito::UserPoolGroup")) != 2 {
		t.Error("everyone is a group of the pool")
	}
	patterns, _ := at(resources["SigninClientMetadata"].Properties, "URLPatterns").([]any)
	if len(patterns) < 4 || slices.ContainsFunc(patterns, func(p any) bool {
		return !strings.HasPrefix(p.(string), "https://") || strings.Contains(p.(string), "*")
	}) {
		t.Errorf("URL patterns %v, want known URLs only", patterns)
	}
}

// TestGroupIDs: a group has the same id wherever it is in SIGNIN_TOOLS. With another id
// CloudFormation would delete the group, with its members, and fail to create it again.
func TestGroupIDs(t *testing.T) {
	ids := map[any]string{}
	for name, result := range everySynthesis() {
		for _, id := range result.idsOf("Cognito::UserPoolGroup") {
			group := result.Resources[id].Properties["GroupName"]
			if ids[group] != "" && ids[group] != id {
				t.Errorf("%s: group %s is %s, and %s elsewhere", name, group, id, ids[group])
			}
			ids[group] = id
		}
	}
	if len(ids) < 2 {
		t.Errorf("groups %v, want two or more", ids)
	}
}

// TestUserPoolIsTheIssuer: every server verifies tokens of the pool, with its scope.
func TestUserPoolIsTheIssuer(t *testing.T) {
	for _, id := range []string{"Mcp", "McpStream"} {
		env, _ := at(all["cognito"].Resources[id].Properties, "Environment", "Variables").(map[string]any)
		want := map[string]any{"Fn::Join": []any{"", []any{"https://cognito-idp.", map[string]any{"Ref": "AWS::Region"}, ".", map[string]any{"Ref": "AWS::URLSuffix"}, "/", map[string]any{"Ref": "SigninPool"}}}}
		if d := cmp.Diff(want, env["SIGNIN_ISSUER"]); d != "" {
			t.Errorf("%s: issuer (-want +got):\n%s", id, d)
		}
		if env["SIGNIN_SCOPES"] != "mcp/tools" || env["SIGNIN_PKCE"] != "true" || env["SIGNIN_GROUPS_CLAIM"] != "cognito:groups" {
			t.Errorf("%s: environment %v", id, env)
		}
	}
}
