package stacks

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKeysPolicy resolves the output as CloudFormation does.
func TestKeysPolicy(t *testing.T) {
	join := all["chosen"].Outputs["KeysPolicy"].Value.(map[string]any)["Fn::Join"].([]any)
	var text strings.Builder
	for _, part := range join[1].([]any) {
		if ref, ok := part.(map[string]any); ok {
			part = fmt.Sprint("<", ref["Ref"], ">")
		}
		fmt.Fprint(&text, part)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(text.String()), &got); err != nil {
		t.Fatalf("no JSON: %v: %s", err, text.String())
	}
	allow := func(resource string, actions ...any) any {
		return map[string]any{"Effect": "Allow", "Action": actions, "Resource": resource}
	}
	want := map[string]any{"Version": "2012-10-17", "Statement": []any{
		allow("<IssuedKeys>", "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds",
			"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"),
		allow("arn:<AWS::Partition>:apigateway:<AWS::Region>::/apis/<Api>/stages/*/cache/authorizers", "apigateway:DELETE"),
		allow("arn:<AWS::Partition>:cloudformation:<AWS::Region>:<AWS::AccountId>:stack/McpServerStack/*", "cloudformation:DescribeStacks"),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestProtection: a protected stack has termination protection and keeps the issued
// keys when it is deleted, except by the roll-back of its first deployment.
func TestProtection(t *testing.T) {
	for name, want := range map[string]struct {
		protected bool
		deletion  string
		replace   string
	}{"chosen": {false, "Delete", "Delete"}, "full": {true, "RetainExceptOnCreate", "Retain"}} {
		keys := all[name].Resources["IssuedKeys"]
		if keys.DeletionPolicy != want.deletion || keys.UpdateReplacePolicy != want.replace {
			t.Errorf("%s: IssuedKeys has %s and %s, want %s and %s", name, keys.DeletionPolicy, keys.UpdateReplacePolicy, want.deletion, want.replace)
		}
		for id, r := range all[name].Resources {
			if id != "IssuedKeys" && strings.HasPrefix(r.DeletionPolicy, "Retain") {
				t.Errorf("%s: %s would be left behind", name, id)
			}
		}
		data, err := os.ReadFile(filepath.Join(all[name].dir, "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(data), `"terminationProtection": true`); got != want.protected {
			t.Errorf("%s: termination protection %v, want %v", name, got, want.protected)
		}
	}
}

// TestKeysPolicyIsDocumented compares the actions in docs/keys.md.
func TestKeysPolicyIsDocumented(t *testing.T) {
	data, err := os.ReadFile("../docs/keys.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(data), "```json\n")
	block, _, _ := strings.Cut(after, "```")
	type policy struct {
		Statement []struct{ Action []string }
	}
	var documented, declared policy
	if err := json.Unmarshal([]byte(block), &documented); err != nil {
		t.Fatalf("docs/keys.md has no policy: %v", err)
	}
	join := all["chosen"].Outputs["KeysPolicy"].Value.(map[string]any)["Fn::Join"].([]any)
	var text strings.Builder
	for _, part := range join[1].([]any) {
		if s, ok := part.(string); ok {
			text.WriteString(s)
		}
	}
	if err := json.Unmarshal([]byte(text.String()), &declared); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(declared, documented); diff != "" {
		t.Errorf("docs/keys.md (-stack +docs):\n%s", diff)
	}
}
