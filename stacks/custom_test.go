package stacks

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"
)

// TestCustomGrantsNoAccess checks the stack with the resources of custom.go: they must
// neither add a route that needs no key nor allow a role to read a key.
func TestCustomGrantsNoAccess(t *testing.T) {
	p := Props{Settings: parse(t, variants()["full"]), Custom: Custom}
	result, err := synthesize(filepath.Join(t.TempDir(), "out"), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkRoutes(t, "custom", result)
	checkSecrets(t, "custom", result, []string{"DefaultKey", "IssuedKeys", "ToolSecretB", "ToolSecretUpstreamToken"})
	if result.findings != nil {
		t.Errorf("findings = %q", result.findings)
	}
}

// exampleCustom is the example in the comment of [Custom]. The variant "everything"
// has it, and the end-to-end tests run lookup_user on its template.
func exampleCustom(stack awscdk.Stack, servers []Server) {
	table := awsdynamodb.NewTableV2(stack, jsii.String("Users"), &awsdynamodb.TablePropsV2{
		PartitionKey:  &awsdynamodb.Attribute{Name: jsii.String("user_id"), Type: awsdynamodb.AttributeType_STRING},
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN, // keep the data when the stack is deleted
	})
	for _, server := range servers {
		table.GrantReadData(server.Role)
		server.Set("TOOL_USERS_TABLE", table.TableName())
	}
}

func TestExampleEqualsTheComment(t *testing.T) {
	file := func(name string) (*token.FileSet, *ast.File) {
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		return set, parsed
	}
	function := func(parsed *ast.File, name string) *ast.FuncDecl {
		return parsed.Scope.Lookup(name).Decl.(*ast.FuncDecl)
	}
	_, custom := file("custom.go")
	var comment []string
	for line := range strings.Lines(function(custom, "Custom").Doc.Text()) {
		if code, ok := strings.CutPrefix(line, "\t"); ok {
			comment = append(comment, code)
		}
	}
	set, tests := file("custom_test.go")
	source, err := os.ReadFile("custom_test.go")
	if err != nil {
		t.Fatal(err)
	}
	body := function(tests, "exampleCustom").Body
	text := string(source[set.Position(body.Lbrace).Offset+2 : set.Position(body.Rbrace).Offset])
	if diff := cmp.Diff(strings.ReplaceAll(text, "\n\t", "\n")[1:], strings.Join(comment, "")); diff != "" {
		t.Errorf("(-exampleCustom +comment):\n%s", diff)
	}
}

// TestExampleGrants: each server may read the table, and none may change it.
func TestExampleGrants(t *testing.T) {
	result := all["everything"]
	table := onlyID(t, result, "DynamoDB::GlobalTable")
	var roles []string
	for _, s := range result.statements() {
		if !strings.Contains(strings.Join(s.resources, " "), `"`+table+`"`) {
			continue
		}
		roles = append(roles, s.roles...)
		for _, action := range s.actions {
			name := strings.TrimPrefix(action, "dynamodb:")
			if !slices.ContainsFunc([]string{"Get", "BatchGet", "Query", "Scan", "Describe", "ConditionCheck"}, func(p string) bool { return strings.HasPrefix(name, p) }) {
				t.Errorf("%v may %s", s.roles, action)
			}
		}
	}
	slices.Sort(roles)
	if diff := cmp.Diff([]string{"McpContainerRole", "McpRole", "McpStreamRole"}, roles); diff != "" {
		t.Errorf("roles that may read the table (-want +got):\n%s", diff)
	}
	for _, id := range []string{"Mcp", "McpStream"} {
		if got := refs(at(result.Resources[id].Properties, "Environment", "Variables", "TOOL_USERS_TABLE")); !slices.Equal(got, []string{table}) {
			t.Errorf("TOOL_USERS_TABLE of %s is %v", id, got)
		}
	}
}
