package lambdahost_test

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/lambdahost"

	"github.com/google/go-cmp/cmp"
)

// TestEnvironment: the function has Lambda's environment variables and the configured ones,
// but none of the test process.
func TestEnvironment(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows needs further variables")
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "of the developer")
	t.Setenv("AWS_PROFILE", "of the developer")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	f := start(t, lambdahost.Options{
		Region: "eu-central-1", MemoryMB: 512,
		Env: map[string]string{"GREETING": "hello", "TZ": "Europe/Berlin"},
	})
	got := call(t, f, do{Do: "environ"}).Environ
	slices.Sort(got)
	for i, v := range got {
		v = regexp.MustCompile(`(RUNTIME_API=127\.0\.0\.1:)\d+/[A-Z2-7]{26}$`).ReplaceAllString(v, "${1}PORT/SECRET")
		v = regexp.MustCompile(`[0-9/]+/\[\$LATEST\][0-9a-f]{32}`).ReplaceAllString(v, "STREAM")
		v = regexp.MustCompile(`Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0`).ReplaceAllString(v, "TRACE")
		got[i] = strings.ReplaceAll(v, filepath.Dir(binary), "/var/task")
	}
	want := []string{
		"AWS_ACCESS_KEY_ID=local",
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_DEFAULT_REGION=eu-central-1",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512",
		"AWS_LAMBDA_FUNCTION_NAME=echo",
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/echo",
		"AWS_LAMBDA_LOG_STREAM_NAME=STREAM",
		"AWS_LAMBDA_RUNTIME_API=127.0.0.1:PORT/SECRET",
		"AWS_REGION=eu-central-1",
		"AWS_SECRET_ACCESS_KEY=local",
		"AWS_SESSION_TOKEN=local",
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"GREETING=hello",
		"LAMBDA_RUNTIME_DIR=/var/runtime",
		"LAMBDA_TASK_ROOT=/var/task",
		"LANG=en_US.UTF-8",
		"PATH=/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"TZ=Europe/Berlin",
		"_HANDLER=bootstrap",
		"_X_AMZN_TRACE_ID=TRACE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

// TestInvocationContext: aws-lambda-go reads the headers of an event.
func TestInvocationContext(t *testing.T) {
	f := start(t, lambdahost.Options{Timeout: 20 * time.Second, MemoryMB: 512})
	before := time.Now()
	got := call(t, f, do{Do: "context"})
	if d := time.UnixMilli(got.Deadline).Sub(before); d < 19*time.Second || d > 50*time.Second {
		t.Errorf("deadline is in %v, want 20 s after the start", d)
	}
	if !requestIDs.MatchString(got.Context["id"]) || !strings.HasPrefix(got.Context["trace"], "Root=1-") {
		t.Errorf("id %q, trace %q", got.Context["id"], got.Context["trace"])
	}
	if !strings.HasPrefix(got.Context["stream"], time.Now().UTC().Format("2006/")) {
		t.Errorf("log stream %q", got.Context["stream"])
	}
	for _, varying := range []string{"id", "trace", "stream"} {
		delete(got.Context, varying)
	}
	want := map[string]string{
		"arn":      "arn:aws:lambda:us-east-1:123456789012:function:echo",
		"function": "echo", "version": "$LATEST", "group": "/aws/lambda/echo", "memory": "512",
	}
	if diff := cmp.Diff(want, got.Context); diff != "" {
		t.Errorf("context (-want +got):\n%s", diff)
	}
}
