package e2e

import (
	"testing"

	"serverless-mcp/internal/clients/doctor"
)

// The whole chain, as it is deployed, has nothing that mcpctl doctor complains
// about.
func TestDoctorIsContent(t *testing.T) {
	s := start(t, "plain", built.fixtures, unthrottled)
	for _, f := range doctor.Run(t.Context(), doctor.Options{URL: s.URL + "/mcp", Key: deploymentKey}) {
		if f.Status != doctor.OK {
			t.Errorf("%+v", f)
		}
	}
}
