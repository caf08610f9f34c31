package e2e

import (
	"net/http/httptest"
	"os/exec"
	"regexp"
	"testing"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/test/project"
)

// TestDiffWithDeployedStack compares a project's tools with those of two stacks: one that was
// deployed from the project, and one with other tools.
func TestDiffWithDeployedStack(t *testing.T) {
	needSamples(t)
	t.Parallel()
	same, other := start(t, "plain", built.fixtures, unthrottled), start(t, "plain", built.samples, unthrottled)
	o := awsfake.Options{Region: "eu-central-1"}
	cloudformation := httptest.NewServer(awsfake.NewCloudFormation(o,
		awsfake.Stack{Name: "Same", Outputs: map[string]string{"McpEndpoint": same.URL + "/mcp"}},
		awsfake.Stack{Name: "Other", Outputs: map[string]string{"McpEndpoint": other.URL + "/mcp"}}))
	t.Cleanup(cloudformation.Close)
	for _, c := range []struct {
		stack  string
		status int
		want   string // pattern of the output
	}{
		{"Same", 0, `(?m)^The source matches stack Same in eu-central-1 of account 123456789012, http://\S+\.$`},
		{"Other", 1, `(?m)^breaking  tool calculate: removed$`},
	} {
		cmd := exec.Command(built.mcpctl.get(t), "diff", "--stack", c.stack, "--region", o.Region)
		cmd.Env = append(cmd.Environ(), "AWS_ENDPOINT_URL_CLOUDFORMATION="+cloudformation.URL, "MCP_API_KEY="+deploymentKey,
			"AWS_ACCESS_KEY_ID=AKIDTEST", "AWS_SECRET_ACCESS_KEY=b", "AWS_EC2_METADATA_DISABLED=true")
		out, err := project.Output(cmd, built.clone.get(t))
		if status := cmd.ProcessState.ExitCode(); status != c.status || !regexp.MustCompile(c.want).MatchString(out) {
			t.Errorf("diff --stack %s: exit status %d, want %d, and %s in the output (%v):\n%s", c.stack, status, c.status, c.want, err, out)
		}
	}
}
