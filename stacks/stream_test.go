package stacks

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestStreamAlone: the shape stream alone has no resource of the HTTP API.
func TestStreamAlone(t *testing.T) {
	want := map[string]string{
		"DefaultKey": "SecretsManager::Secret", "IssuedKeys": "SecretsManager::Secret",
		"McpStream": "Lambda::Function", "McpStreamLog": "Logs::LogGroup", "McpStreamRole": "IAM::Role",
		"McpStreamUrl": "Lambda::Url", // another id has another address
	}
	if diff := cmp.Diff(want, stateful(all["stream"])); diff != "" {
		t.Errorf("resources with state (-want +got):\n%s", diff)
	}
	both := stateful(all["both"])
	for id, kind := range want {
		if both[id] != kind {
			t.Errorf("beside the HTTP API, %s is %q, want %s", id, both[id], kind)
		}
	}
	for _, id := range []string{"Api", "Authorizer", "Mcp"} {
		if both[id] == "" {
			t.Errorf("beside the stream there is no %s", id)
		}
	}
}

func TestStreamFunction(t *testing.T) {
	ref := func(id string) map[string]any { return map[string]any{"Ref": id} }
	keys := map[string]any{"DEFAULT_KEY_SECRET": ref("DefaultKey"), "ISSUED_KEYS_SECRET": ref("IssuedKeys"), "LOG_LEVEL": "info", "SERVER_NAME": "serverless-mcp", "GOMAXPROCS": "1", "GOMEMLIMIT": "460MiB"}
	for name, want := range map[string]struct {
		timeout     float64
		concurrency any
		env         map[string]any
	}{
		"stream": {300, nil, map[string]any{"ALLOWED_ORIGINS": ""}},
		"both": {60, 3.0, map[string]any{
			"ALLOWED_ORIGINS": "https://app.example.com", "TOOL_GREETING": "hello", "TOOL_SECRET_UPSTREAM_TOKEN": ref("ToolSecretUpstreamToken"),
		}},
	} {
		p := all[name].Resources["McpStream"].Properties
		for variable, value := range keys {
			want.env[variable] = value
		}
		if diff := cmp.Diff(map[string]any{"Variables": want.env}, p["Environment"]); diff != "" {
			t.Errorf("%s: environment (-want +got):\n%s", name, diff)
		}
		if p["Timeout"] != want.timeout || p["ReservedConcurrentExecutions"] != want.concurrency || p["MemorySize"] != 512.0 {
			t.Errorf("%s: timeout %v, concurrency %v, memory %v", name, p["Timeout"], p["ReservedConcurrentExecutions"], p["MemorySize"])
		}
		if got := p["LoggingConfig"].(map[string]any)["LogGroup"]; !cmp.Equal(got, any(ref("McpStreamLog"))) {
			t.Errorf("%s: logs to %v", name, got)
		}
	}
}

func TestStreamURL(t *testing.T) {
	for name, cors := range map[string]any{
		"stream": nil,
		"both": map[string]any{
			"AllowOrigins": []any{"https://app.example.com"}, "AllowMethods": []any{"POST", "GET", "DELETE"},
			"AllowHeaders": []any{"content-type", "x-api-key", "mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id"},
			"MaxAge":       3600.0,
		},
	} {
		got := all[name].Resources["McpStreamUrl"].Properties
		want := map[string]any{"AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM", "TargetFunctionArn": map[string]any{"Fn::GetAtt": []any{"McpStream", "Arn"}}}
		if cors != nil {
			want["Cors"] = cors
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: URL (-want +got):\n%s", name, diff)
		}
	}
}

// TestWhoInvokesTheStream: AWS requires two permissions: to invoke the URL, and to invoke
// the function through the URL. With only the first, callers get 403; the second without
// its condition would open the function to every account.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
func TestWhoInvokesTheStream(t *testing.T) {
	for _, name := range []string{"stream", "both"} {
		var got []map[string]any
		for _, id := range all[name].idsOf("Lambda::Permission") {
			p := maps.Clone(all[name].Resources[id].Properties)
			if slices.Contains(refs(p["FunctionName"]), "McpStream") {
				delete(p, "FunctionName")
				got = append(got, p)
			}
		}
		slices.SortFunc(got, func(a, b map[string]any) int { return strings.Compare(a["Action"].(string), b["Action"].(string)) })
		want := []map[string]any{
			{"Action": "lambda:InvokeFunction", "Principal": "*", "InvokedViaFunctionUrl": true},
			{"Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: permissions (-want +got):\n%s", name, diff)
		}
	}
}

func TestEndpointIsThatOfTheFirstShape(t *testing.T) {
	for name, want := range map[string]string{"chosen": "Api", "both": "Api", "stream": "McpStreamUrl"} {
		if got := refs(all[name].Outputs["McpEndpoint"].Value); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: McpEndpoint is that of %v, want %s", name, got, want)
		}
	}
	if got := refs(all["both"].Outputs["McpStreamEndpoint"].Value); !slices.Equal(got, []string{"McpStreamUrl"}) {
		t.Errorf("McpStreamEndpoint is that of %v", got)
	}
}
