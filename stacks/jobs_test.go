package stacks

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

// TestJobs: JOBS=true adds a table, a function with its role and log group, and to each
// server the permissions and variables for them. Everything else is as without it.
func TestJobs(t *testing.T) {
	jobs := all["jobs"]
	var added []string
	for id, r := range jobs.Resources {
		if _, ok := all["three"].Resources[id]; !ok && !strings.HasPrefix(id, "ToolSecret") {
			added = append(added, id+" "+strings.TrimPrefix(r.Type, "AWS::"))
		}
	}
	slices.Sort(added)
	added = slices.DeleteFunc(added, func(s string) bool { return strings.HasPrefix(s, "JobRoleDefaultPolicy") })
	if diff := cmp.Diff([]string{"Job Lambda::Function", "JobLog Logs::LogGroup", "JobRole IAM::Role", "Jobs DynamoDB::Table"}, added); diff != "" {
		t.Errorf("resources that JOBS=true adds (-want +got):\n%s", diff)
	}
	table := map[string]any{
		"KeySchema":            []any{map[string]any{"AttributeName": "id", "KeyType": "HASH"}},
		"AttributeDefinitions": []any{map[string]any{"AttributeName": "id", "AttributeType": "S"}},
		"BillingMode":          "PAY_PER_REQUEST", "TimeToLiveSpecification": map[string]any{"AttributeName": "expires", "Enabled": true},
	}
	if diff := cmp.Diff(table, jobs.Resources["Jobs"].Properties); diff != "" || jobs.Resources["Jobs"].DeletionPolicy != "Delete" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	job := jobs.Resources["Job"].Properties
	want := map[string]any{
		"SERVER_NAME": "serverless-mcp", "LOG_LEVEL": "info", "JOBS_TABLE": map[string]any{"Ref": "Jobs"}, "TOOL_GREETING": "hello",
		"TOOL_SECRET_UPSTREAM_TOKEN": map[string]any{"Ref": "ToolSecretUpstreamToken"}, "GOMAXPROCS": "1", "GOMEMLIMIT": "460MiB",
	}
	if diff := cmp.Diff(want, at(job, "Environment", "Variables")); diff != "" || job["Timeout"] != 900.0 || job["ReservedConcurrentExecutions"] != 3.0 {
		t.Errorf("function %v, environment (-want +got):\n%s", job, diff)
	}
	if got := at(all["features"].Resources["Job"].Properties, "Environment", "Variables", "METRICS_SERVER"); got != "McpServerStack" {
		t.Errorf("with ALARMS the function writes metrics for the server %v", got)
	}
	for _, id := range []string{"Mcp", "McpStream"} {
		env, _ := at(jobs.Resources[id].Properties, "Environment", "Variables").(map[string]any)
		if diff := cmp.Diff([]any{map[string]any{"Ref": "Jobs"}, map[string]any{"Fn::GetAtt": []any{"Job", "Arn"}}}, []any{env["JOBS_TABLE"], env["JOB_FUNCTION"]}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

// TestWhoMayRunJobs: each server may read and write the table and invoke the job function;
// the function may read and write the table. No other role has access to them, and none
// may scan the table.
func TestWhoMayRunJobs(t *testing.T) {
	got := map[string][]string{}
	for name, result := range all {
		for _, s := range result.statements() {
			actions := strings.Join(s.actions, " ")
			if !strings.Contains(actions, "dynamodb:") && !strings.Contains(actions, "lambda:") || name == "everything" {
				continue // the example in custom.go
			}
			if len(s.resources) == 1 && s.resources[0] == `{"Fn::GetAtt":["KeyLimits","Arn"]}` {
				continue // TestKeyLimits checks them
			}
			for _, role := range s.roles {
				got[name+" "+role] = append(got[name+" "+role], actions+" "+strings.Join(s.resources, " "))
			}
		}
	}
	const table, invoke = `dynamodb:GetItem dynamodb:PutItem {"Fn::GetAtt":["Jobs","Arn"]}`, `lambda:InvokeFunction {"Fn::GetAtt":["Job","Arn"]}`
	want := map[string][]string{}
	for _, variant := range []string{"jobs ", "features "} {
		want[variant+"JobRole"] = []string{table}
		for _, role := range []string{"McpRole", "McpStreamRole", "McpContainerRole"} {
			want[variant+role] = []string{table, invoke}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
}

// TestJobServer: custom.go also grants the job function the access that the tools need.
func TestJobServer(t *testing.T) {
	for name, result := range everySynthesis() {
		_, jobs := result.Resources[settings.JobID]
		if on := result.settings.Jobs; on != jobs {
			t.Errorf("%s: JOBS is %v, and the function exists: %v", name, on, jobs)
		}
	}
	ids := slices.Sorted(maps.Keys(all["jobs"].Outputs))
	if !slices.Contains(ids, "JobsTable") || !slices.Contains(ids, "JobLogGroup") {
		t.Errorf("outputs %v, want JobsTable and JobLogGroup", ids)
	}
}
