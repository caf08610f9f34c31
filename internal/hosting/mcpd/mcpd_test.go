package mcpd

import (
	"os"
	"strings"
	"testing"
	"time"

	"serverless-mcp/tools"
)

// Serving and shutdown are tested in internal/test/e2e and internal/hosting/httpserver.

func TestDrainTime(t *testing.T) {
	for value, want := range map[string]time.Duration{"": 5 * time.Second, "0": -1, "7": 7 * time.Second, "60": time.Minute} {
		if got, err := drainTime(value); got != want || err != nil {
			t.Errorf("drainTime(%q) = %v, %v, want %v", value, got, err, want)
		}
	}
	for _, value := range []string{"-1", "61", "five"} {
		if _, err := drainTime(value); err == nil || !strings.Contains(err.Error(), "DRAIN_SECONDS") {
			t.Errorf("drainTime(%q): %v, want an error", value, err)
		}
	}
}

func TestDoesNotStart(t *testing.T) {
	for name, value := range map[string]string{ // so that no request leaves this machine
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	for want, env := range map[string]map[string]string{
		"DRAIN_SECONDS": {"DRAIN_SECONDS": "x"},
		"CALLS_PER_KEY": {"DRAIN_SECONDS": "0", "CALLS_PER_KEY": "x"},
		"has no name":   {"DRAIN_SECONDS": "0"},
		"listen:":       {"SERVER_NAME": "x", "LISTEN": "nowhere"},
	} {
		if err := Run(t.Context(), func(name string) string { return env[name] }, tools.All); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: Run = %v, want an error with %q", env, err, want)
		}
	}
}
