package settings_test

import (
	"strings"
	"testing"

	"serverless-mcp/internal/settings"
)

func TestLimits(t *testing.T) {
	base := map[string]string{"KEY_LIMITS": "true", "SIGNIN_ISSUER": "https://login.example.com"}
	for value, ok := range map[string]bool{
		"60/m": true, "5000/d": true, "60/m 5000/d": true,
		"0/m": false, "60": false, "60/h": false, "5/d 60/m": false, "60/m  5/d": false, "-1/m": false, "60/m 60/m": false, "9999999999/m": false, "none": false,
	} {
		base["SIGNIN_LIMITS"] = value
		s, err := settings.Parse(base)
		if (err == nil) != ok {
			t.Errorf("SIGNIN_LIMITS=%q: %v", value, err)
		}
		if ok && s.MCPEnv(nil)[settings.EnvSigninLimits] != value {
			t.Errorf("SIGNIN_LIMITS=%q: the environment has %q", value, s.MCPEnv(nil)[settings.EnvSigninLimits])
		}
	}
	base["SIGNIN_LIMITS"], base["KEY_LIMITS"] = "60/m", ""
	if _, err := settings.Parse(base); err == nil || !strings.Contains(err.Error(), "SIGNIN_LIMITS needs KEY_LIMITS=true") {
		t.Errorf("SIGNIN_LIMITS without KEY_LIMITS: %v", err)
	}
}
