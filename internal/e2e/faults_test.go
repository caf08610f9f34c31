package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/apikey"
	"serverless-mcp/internal/awsfake"
	"serverless-mcp/internal/local"
)

// internalError is all that a caller hears of a failure behind the gateway.
const internalError = `{"message":"Internal Server Error"}`

// Secrets Manager at its worst when the authorizer starts. A fault must end in
// 500, never in yes and never in a kept no: the first call after it is over
// works, with the same key and the gateway's cache on.
func TestSecretsManagerFailsAtStart(t *testing.T) {
	for name, fault := range map[string]*awsfake.Fault{
		"down":       {Hangup: true},
		"5xx":        {Error: &awsfake.Error{Status: 503, Code: "ServiceUnavailable", Message: "try again"}},
		"throttled":  {Error: &awsfake.Error{Code: "ThrottlingException", Message: "Rate exceeded"}},
		"denied":     {Error: &awsfake.Error{Code: "AccessDeniedException", Message: "not authorized to perform: secretsmanager:GetSecretValue"}},
		"undecipher": {Error: &awsfake.Error{Code: "DecryptionFailure", Message: "Secrets Manager can't decrypt the protected secret text using the provided KMS key."}},
		"missing":    {Error: &awsfake.Error{Code: "ResourceNotFoundException", Message: "Secrets Manager can't find the specified secret."}},
		"garbage":    {Garbage: "<html>what?</html>"},
		"slow":       {Delay: func(ctx context.Context) { <-ctx.Done() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "plain", built.fixtures)
			s.faults.set(fault)
			check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusInternalServerError, internalError)
			s.faults.set(nil)
			eventually(t, func() bool { return s.rpc(t, deploymentKey, "tools/list", "{}").status == http.StatusOK })
			eventually(t, func() bool { return s.rpc(t, wrongKey, "tools/list", "{}").status == http.StatusForbidden })
		})
	}
}

// The value of a secret that is no key document opens nothing, nor is it ever
// taken for a key.
func TestRegistryGarbage(t *testing.T) {
	for name, value := range map[string]string{
		"a plain key":       scopedKey,
		"not JSON":          `{"keys":[`,
		"a list":            `[]`,
		"a key without end": `{"keys":[{"id":"a","sha256":"abc"}]}`,
		"an unknown scope":  `{"keys":[{"id":"a","sha256":"` + apikey.Hash(scopedKey) + `","tools":"*"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "plain", built.fixtures, func(_ *local.Topology, o *local.Options) { o.Values[local.IssuedKeysID] = value })
			check(t, s.rpc(t, scopedKey, "tools/list", "{}"), http.StatusInternalServerError, internalError)
			check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusInternalServerError, internalError)
			if strings.Contains(s.logs.String(), scopedKey) {
				t.Error("the value of the secret is in the logs")
			}
		})
	}
}

// Later, what is known serves on; what is unknown is an error, not a no.
func TestSecretsManagerFailsLater(t *testing.T) {
	s := start(t, "plain", built.fixtures, withKeys(apikey.Key{ID: "a", SHA256: apikey.Hash(scopedKey)}))
	check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusOK, `"tools"`)
	s.faults.set(&awsfake.Fault{Hangup: true})
	check(t, s.rpc(t, scopedKey, "tools/list", "{}"), http.StatusOK, `"tools"`) // read before, asked now
	check(t, s.rpc(t, wrongKey, "tools/list", "{}"), http.StatusInternalServerError, internalError)
	s.faults.set(nil)
	eventually(t, func() bool { return s.rpc(t, wrongKey, "tools/list", "{}").status == http.StatusForbidden })
}

// A flood of wrong keys spends the reads; a key that was issued a moment ago
// works all the same, within ten seconds.
func TestNewKeyDuringAFlood(t *testing.T) {
	s := start(t, "plain", built.fixtures, unthrottled)
	check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusOK, `"tools"`)
	over := make(chan struct{})
	var refused atomic.Int64
	var flood sync.WaitGroup
	for i := range 3 {
		flood.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-over:
					return
				default:
					s.rpc(t, fmt.Sprintf("%s-%d-%d", wrongKey, i, n), "tools/list", "{}")
					refused.Add(1)
				}
			}
		})
	}
	eventually(t, func() bool { return refused.Load() > 10 }) // the reads are spent
	document, err := apikey.Document{Keys: []apikey.Key{{ID: "new", SHA256: apikey.Hash(scopedKey)}}}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	s.issue(t, string(document))
	began := time.Now()
	eventually(t, func() bool { return s.rpc(t, scopedKey, "tools/list", "{}").status == http.StatusOK })
	if took := time.Since(began).Round(time.Millisecond); took > 10*time.Second {
		t.Errorf("the new key worked after %v, want 10 s at most", took)
	} else {
		t.Logf("the new key worked after %v", took)
	}
	close(over)
	flood.Wait()
}

// What a function can do wrong, what the caller hears of it, and that the next
// call works.
func TestFunctionFaults(t *testing.T) {
	for _, c := range []struct {
		name, tool, arguments string
		status                int
		want                  string
	}{
		{"crash", "exit", `{}`, http.StatusInternalServerError, internalError},
		{"hang, deaf to the deadline", "hang", `{}`, http.StatusGatewayTimeout, `"error"`},
		{"slower than allowed", "wait", `{}`, http.StatusGatewayTimeout, `"error"`},
		{"panic", "panic", `{}`, http.StatusOK, `"isError":true`},
		{"answer of 8 MB", "big", `{"n":8000000}`, http.StatusOK, `"isError":true`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "full", built.fixtures, withKeys(apikey.Key{ID: "all", SHA256: apikey.Hash(scopedKey)}), within(local.MCPID, 3*time.Second))
			a := s.rpc(t, scopedKey, "tools/call", fmt.Sprintf(`{"name":%q,"arguments":%s}`, c.tool, c.arguments))
			check(t, a, c.status, c.want)
			for _, secret := range []string{"goroutine ", "the words of the panic", ".go:"} {
				if strings.Contains(a.body, secret) {
					t.Errorf("the answer tells the caller %q: %.300s", secret, a.body)
				}
			}
			if _, failure := s.call(t, scopedKey, "setting", "{}"); failure != "" {
				t.Errorf("the next call fails: %s", failure)
			}
		})
	}
}

// A function that cannot start: the tool's declaration is refused, and the log
// says why.
func TestInitFailure(t *testing.T) {
	s := start(t, "plain", built.fixtures, func(top *local.Topology, _ *local.Options) {
		top.Functions[local.MCPID].Env["TOOL_BROKEN"] = "yes"
	})
	check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusInternalServerError, internalError)
	if s.logs.count("mcp: ", "TOOL_BROKEN is yes") == 0 {
		t.Error("the log does not say what is wrong")
	}
}

func TestBodies(t *testing.T) {
	s := start(t, "full", built.fixtures, withKeys(apikey.Key{ID: "all", SHA256: apikey.Hash(scopedKey)}))
	body := func(n int) string {
		return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"size","arguments":{"text":"` + strings.Repeat("x", n) + `"}}}`
	}
	const mb = 1 << 20
	for _, c := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"4 MB", body(4 * mb), http.StatusOK, fmt.Sprintf(`"n":%d`, 4*mb)},
		{"5 MB", body(5 * mb), http.StatusRequestEntityTooLarge, ""},
		{"7 MB", body(7 * mb), http.StatusRequestEntityTooLarge, ""},
		{"11 MB", body(11 * mb), http.StatusRequestEntityTooLarge, `{"message":"Request Entity Too Large"}`},
		{"malformed JSON", `{"jsonrpc":"2.0","id":1,`, http.StatusBadRequest, `-32700`},
		{"nothing", ``, http.StatusBadRequest, `-32700`},
		{"unknown method", `{"jsonrpc":"2.0","id":1,"method":"no/such"}`, http.StatusOK, `-32601`},
		{"unknown tool", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nope"}}`, http.StatusOK, `-32602`},
		{"wrong type", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"size","arguments":{"text":5}}}`, http.StatusOK, `"isError":true`},
		{"params of a wrong type", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}`, http.StatusOK, `"error"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			check(t, s.request(t, "POST", "/mcp", c.body, "x-api-key", scopedKey), c.status, c.want)
		})
	}
	t.Run("batch", func(t *testing.T) {
		a := s.request(t, "POST", "/mcp", `[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]`, "x-api-key", scopedKey)
		check(t, a, http.StatusBadRequest, `-32600`)
	})
}

func TestFiftyAtOnce(t *testing.T) {
	s := start(t, "plain", built.fixtures, unthrottled)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			result, failure := s.call(t, deploymentKey, "size", fmt.Sprintf(`{"text":%q}`, strings.Repeat("x", i)))
			if result["n"] != float64(i) {
				t.Errorf("the size of %d is %v %s", i, result, failure)
			}
		})
	}
	all.Wait()
}

// issue replaces the issued keys through the API, as mcpctl keys does.
func (s *system) issue(t *testing.T, document string) {
	t.Helper()
	client := secretsmanager.New(secretsmanager.Options{
		Region: "us-east-1", BaseEndpoint: &s.Secrets.URL,
		Credentials: credentials.NewStaticCredentialsProvider("e2e", "e2e", ""),
	})
	_, err := client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: aws.String(local.SecretName(local.IssuedKeysID)), SecretString: &document,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// patience is how long a test waits for what must happen. Only a test that
// fails reaches it: it is for the slowest machine, not for a typical one.
const patience = 5 * time.Minute

// eventually asks other processes until the answer is yes, and slower than the
// deployment's throttle.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	again, end := time.NewTicker(100*time.Millisecond), time.NewTimer(patience)
	defer again.Stop()
	defer end.Stop()
	for !ok() {
		select {
		case <-again.C:
		case <-end.C:
			t.Fatalf("still no after %v", patience)
		}
	}
}
