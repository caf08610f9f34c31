package e2e

import (
	"testing"

	"serverless-mcp/internal/clients/doctor"
)

// TestDoctorFindsNothing: all checks of mcpctl doctor pass on the whole chain.
func TestDoctorFindsNothing(t *testing.T) {
	t.Parallel()
	s := start(t, "plain", built.fixtures, unthrottled)
	for _, f := range doctor.Run(t.Context(), doctor.Options{URL: s.URL + "/mcp", Key: deploymentKey}) {
		if f.Status != doctor.OK {
			t.Errorf("%+v", f)
		}
	}
}
