package local_test

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/settings"
)

// start runs the default topology with functions that cannot start; internal/test/e2e
// tests them.
func start(t *testing.T, o local.Options) *local.System {
	t.Helper()
	return startWith(t, map[string]string{"TOOL_SECRET_TOKEN": "not part of the topology"}, o)
}

func startWith(t *testing.T, values map[string]string, o local.Options) *local.System {
	t.Helper()
	s, err := settings.Parse(values)
	if err != nil {
		t.Fatal(err)
	}
	topology, err := local.FromSettings(s)
	if err != nil {
		t.Fatal(err)
	}
	o.Binary = func(string) string { return t.TempDir() }
	system, err := local.Start(topology, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := system.Close(); err != nil {
			t.Error(err)
		}
	})
	return system
}

func TestGateway(t *testing.T) {
	s := start(t, local.Options{})
	for path, want := range map[string]int{"/mcp": 401, "/mcp/": 401, "/mcp/x": 401, "/": 404} {
		resp, err := http.Post(s.URL+path, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("POST %s without a key: %d, want %d", path, resp.StatusCode, want)
		}
	}
}

// TestFunctionURL tests both shapes together, and stream alone. The functions cannot
// start, so the Function URL responds with 502.
func TestFunctionURL(t *testing.T) {
	for shapes, want := range map[string]struct{ url, stream int }{"http-api,stream": {401, 502}, "stream": {502, 502}} {
		s := startWith(t, map[string]string{"SHAPES": shapes}, local.Options{})
		for url, want := range map[string]int{s.URL: want.url, s.StreamURL: want.stream} {
			resp, err := http.Post(url+"/mcp", "application/json", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("%s: POST %s: %d, want %d", shapes, url, resp.StatusCode, want)
			}
		}
		if alone := shapes == "stream"; alone != (s.Gateway == nil) || alone != (s.URL == s.StreamURL) {
			t.Errorf("%s: gateway %v, URL %s, StreamURL %s", shapes, s.Gateway, s.URL, s.StreamURL)
		}
	}
}

func TestFunctionURLWithoutFunction(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, err = local.Start(local.Topology{URL: local.FunctionURL{Function: "Gone"}}, local.Options{Listener: listener})
	if err == nil || !strings.Contains(err.Error(), `"Gone", which is not a function`) {
		t.Errorf("Start: %v", err)
	}
	if _, err := listener.Accept(); err == nil {
		t.Error("the listener is still open")
	}
}

func TestSecrets(t *testing.T) {
	changes := map[string]string{}
	s := start(t, local.Options{
		Values:  map[string]string{"ToolSecretToken": "hush"},
		Changed: func(id, value string) { changes[id] = value },
	})
	client := secretsmanager.New(secretsmanager.Options{
		Region: "us-east-1", BaseEndpoint: &s.Secrets.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
	got, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("ToolSecretToken")})
	if err != nil || aws.ToString(got.SecretString) != "hush" {
		t.Errorf("the tool's secret is %q, %v", aws.ToString(got.SecretString), err)
	}
	if generated := s.Secrets.Value(local.DefaultKeyID); len(generated) != 48 {
		t.Errorf("the generated key is %d characters, want 48", len(generated))
	}
	if value := s.Secrets.Value(local.IssuedKeysID); value != "" {
		t.Errorf("IssuedKeys begins with %q, want no value", value)
	}
	_, err = client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: aws.String(local.IssuedKeysID), SecretString: aws.String(`{"keys":[]}`)})
	if err != nil || len(changes) != 1 || changes[local.IssuedKeysID] != `{"keys":[]}` {
		t.Errorf("after a write (%v) the callback got %q", err, changes)
	}
}

// TestSecretsNeedTheirPath: other users of the machine can connect to the port, and
// signatures are not verified, so requests without the secret path get 404.
func TestSecretsNeedTheirPath(t *testing.T) {
	s := start(t, local.Options{})
	u, err := url.Parse(s.Secrets.URL)
	if err != nil || len(u.Path) < 20 {
		t.Fatalf("%q, %v: want a secret path", u, err)
	}
	for _, path := range []string{"/", "/x", u.Path[:len(u.Path)-1]} {
		resp, err := http.Post("http://"+u.Host+path, "application/x-amz-json-1.1", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("POST %s: %d, want 404", path, resp.StatusCode)
		}
	}
}

// TestTables: the declared tables are served under a secret path, and calls fail on
// demand.
func TestTables(t *testing.T) {
	if s := start(t, local.Options{}); s.Tables != nil || s.Tables.Endpoint() != "" {
		t.Error("DynamoDB is served without a table")
	}
	fails := false
	system, err := local.Start(local.Topology{Tables: map[string]awsfake.Table{
		"T": {Name: local.TableName("T"), Key: awsfake.Key{Partition: awsfake.KeyAttribute{Name: "id"}}},
	}}, local.Options{FailDynamoDB: func(string) *awsfake.Fault {
		if fails {
			return &awsfake.Fault{Error: &awsfake.Error{Code: "ThrottlingException", Message: "busy"}}
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer system.Close()
	client := dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: &system.Tables.URL, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	})
	get := func() error {
		_, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: aws.String("T"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "x"}},
		})
		return err
	}
	if err := get(); err != nil {
		t.Error(err)
	}
	fails = true
	if err := get(); err == nil || !strings.Contains(err.Error(), "ThrottlingException") {
		t.Errorf("the injected fault arrived as %v", err)
	}
}

func TestOnlyLoopback(t *testing.T) {
	listener, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := local.Start(local.Topology{}, local.Options{Listener: listener}); err == nil || !strings.Contains(err.Error(), "only loopback") {
		t.Errorf("Start on %s: %v, want an error", listener.Addr(), err)
	}
	if _, err := listener.Accept(); err == nil {
		t.Error("the rejected listener is still open")
	}
	for address, want := range map[string]bool{
		"127.0.0.1:1": true, "127.9.9.9:1": true, "[::1]:1": true, "localhost:1": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "192.168.0.1:1": false, "example.com:1": false, "127.0.0.1": false, "": false,
	} {
		if got := local.IsLoopback(address); got != want {
			t.Errorf("IsLoopback(%q) = %v", address, got)
		}
	}
}
