package stacks

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

// TestKeyLimits: there is one on-demand table, in which each server, and no other role, may
// read and update single items.
func TestKeyLimits(t *testing.T) {
	on := all["limits"]
	if diff := cmp.Diff([]string{settings.LimitsTableID}, on.idsOf("DynamoDB::Table")); diff != "" {
		t.Fatalf("tables (-want +got):\n%s", diff)
	}
	table := on.Resources[settings.LimitsTableID]
	want := map[string]any{
		"AttributeDefinitions":    []any{map[string]any{"AttributeName": "id", "AttributeType": "S"}},
		"KeySchema":               []any{map[string]any{"AttributeName": "id", "KeyType": "HASH"}},
		"BillingMode":             "PAY_PER_REQUEST",
		"TimeToLiveSpecification": map[string]any{"AttributeName": "ends", "Enabled": true},
	}
	if diff := cmp.Diff(want, table.Properties); diff != "" || table.DeletionPolicy != "Delete" {
		t.Errorf("the table's deletion policy is %q, its properties (-want +got):\n%s", table.DeletionPolicy, diff)
	}
	var granted []string
	for _, s := range on.statements() {
		if slices.ContainsFunc(s.resources, func(r string) bool { return strings.Contains(r, `"`+settings.LimitsTableID+`"`) }) {
			granted = append(granted, s.roles...)
			if diff := cmp.Diff([]string{"dynamodb:GetItem", "dynamodb:UpdateItem"}, s.actions); diff != "" || len(s.resources) != 1 {
				t.Errorf("%v: %d resources, actions (-want +got):\n%s", s.roles, len(s.resources), diff)
			}
		}
	}
	slices.Sort(granted)
	if diff := cmp.Diff([]string{"McpContainerRole", "McpRole", "McpStreamRole"}, granted); diff != "" {
		t.Errorf("roles with access (-want +got):\n%s", diff)
	}
	for _, id := range []string{"Mcp", "McpStream"} {
		if got := at(on.Resources[id].Properties, "Environment", "Variables", settings.EnvLimitsTable); !cmp.Equal(got, map[string]any{"Ref": settings.LimitsTableID}) {
			t.Errorf("%s has %s=%v", id, settings.EnvLimitsTable, got)
		}
	}
	if got := at(on.Resources["Authorizer"].Properties, "Environment", "Variables", settings.EnvLimitsTable); got != nil {
		t.Errorf("the authorizer has %s", settings.EnvLimitsTable)
	}
	if _, ok := on.Outputs["KeyLimitsTable"]; !ok {
		t.Error("the output KeyLimitsTable is missing, by which mcpctl knows that calls are counted")
	}
	for name, result := range everySynthesis() {
		_, there := result.Resources[settings.LimitsTableID]
		if !result.settings.KeyLimits && (there || result.Outputs["KeyLimitsTable"].Value != nil) {
			t.Errorf("%s: there is a table without KEY_LIMITS", name)
		}
	}
}
