package upgrade

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"serverless-mcp/internal/emulator/awsfake"
)

// TestCopyEqualsTheFunction: the copy equals the function except for the runtime.
func TestCopyEqualsTheFunction(t *testing.T) {
	f := orders()
	f.Tags = map[string]string{"team": "shop", "aws:cloudformation:stack-name": "shop"}
	f.Config.Layers = []awsfake.LambdaLayer{{Arn: "arn:aws:lambda:eu-central-1:1:layer:tools:1"}}
	f.Config.Architectures, f.Config.MemorySize, f.Config.Timeout = []string{"arm64"}, 512, 7
	f.Config.VpcConfig = []byte(`{"SecurityGroupIds":["sg-1"],"SubnetIds":["subnet-1"]}`)
	f.Config.TracingConfig = []byte(`{"Mode":"Active"}`)
	f.Config.EphemeralStorage = []byte(`{"Size":1024}`)
	f.Config.FileSystemConfigs = []byte(`[{"Arn":"arn:aws:elasticfilesystem:eu-central-1:1:access-point/fsap-1","LocalMountPath":"/mnt/x"}]`)
	f.Config.LoggingConfig = []byte(`{"LogFormat":"JSON","LogGroup":"/aws/lambda/orders"}`)
	f.Config.KMSKeyArn = "arn:aws:kms:eu-central-1:1:key/k"
	var copied, original awsfake.LambdaConfig
	var tags map[string]string
	var w *world
	w = newWorld(t, today, awsfake.LambdaOptions{Respond: func(i awsfake.LambdaInvocation) awsfake.LambdaResponse {
		if isCopy(i.Function) {
			copied, tags = i.Function, w.aws.Tags(i.Function.FunctionName)
			original, _ = w.aws.Function("orders")
		}
		return awsfake.LambdaResponse{Payload: i.Payload}
	}}, f)
	res := w.mustUpgrade(t, request)
	if res.Outcome != Upgraded {
		t.Fatalf("outcome %q because %q", res.Outcome, res.Reason)
	}
	want := original
	want.Runtime = "nodejs24.x"
	ignore := cmpopts.IgnoreFields(awsfake.LambdaConfig{}, "FunctionName", "FunctionArn", "Description", "RevisionId", "LastModified")
	asJSON := cmp.Comparer(func(a, b json.RawMessage) bool { return string(a) == string(b) })
	if diff := cmp.Diff(want, copied, ignore, asJSON); diff != "" {
		t.Errorf("the copy (-want +got):\n%s", diff)
	}
	wantTags := map[string]string{"team": "shop", TagCopyOf: "orders", TagOperation: res.Operation}
	if diff := cmp.Diff(wantTags, tags); diff != "" {
		t.Errorf("its tags (-want +got):\n%s", diff)
	}
}

// wrongCode returns other code for every download.
type wrongCode struct{}

func (wrongCode) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("other code"))}, nil
}

func TestWrongCode(t *testing.T) {
	w := newWorld(t, today, awsfake.LambdaOptions{}, plain())
	w.o.HTTP = &http.Client{Transport: wrongCode{}}
	res := w.mustUpgrade(t, request)
	if res.Outcome != Untouched || !strings.Contains(res.Reason, "CodeSha256") || w.count("CreateFunction") > 0 {
		t.Errorf("outcome %q because %q", res.Outcome, res.Reason)
	}
}
