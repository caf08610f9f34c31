package e2e

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/test/poll"
)

// internalError is the gateway's response to a failed function or authorizer.
const internalError = `{"message":"Internal Server Error"}`

// secretsFaults has the failures of Secrets Manager. In an outage the last keyring stays
// valid for a while; the other failures may be intended and take effect immediately.
var secretsFaults = map[string]struct {
	fault  *awsfake.Fault
	outage bool
}{
	"down":            {&awsfake.Fault{Hangup: true}, true},
	"slow":            {&awsfake.Fault{Delay: func(ctx context.Context) { <-ctx.Done() }}, true},
	"5xx":             {&awsfake.Fault{Error: &awsfake.Error{Status: 503, Code: "ServiceUnavailable", Message: "try again"}}, true},
	"throttled":       {&awsfake.Fault{Error: &awsfake.Error{Code: "ThrottlingException", Message: "Rate exceeded"}}, true},
	"denied":          {&awsfake.Fault{Error: &awsfake.Error{Code: "AccessDeniedException", Message: "not authorized to perform: secretsmanager:GetSecretValue"}}, false},
	"undecipherable":  {&awsfake.Fault{Error: &awsfake.Error{Code: "DecryptionFailure", Message: "Secrets Manager can't decrypt the protected secret text using the provided KMS key."}}, false},
	"missing":         {&awsfake.Fault{Error: &awsfake.Error{Code: "ResourceNotFoundException", Message: "Secrets Manager can't find the specified secret."}}, false},
	"garbage":         {&awsfake.Fault{Garbage: "<html>what?</html>"}, false},
	"no key document": {&awsfake.Fault{Garbage: `{"Name":"n","SecretString":"[]"}`}, false},
}

// TestSecretsManagerFailsAtStart: a failure while the authorizer starts results in 500,
// never in allow and never in a cached deny. The first call after the failure works, with
// the same key and the gateway's cache on.
func TestSecretsManagerFailsAtStart(t *testing.T) {
	for name, c := range secretsFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, "plain", built.fixtures)
			s.faults.set(c.fault)
			check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusInternalServerError, internalError)
			s.faults.set(nil)
			check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusOK, `"tools"`)
			poll.Until(t, "a wrong key to be forbidden", func() bool { return s.rpc(t, wrongKey, "tools/list", "{}").status == http.StatusForbidden })
		})
	}
}

// TestSecretsManagerFailsLater: a keyring is valid for 30 seconds whatever the failure, and
// for 15 minutes during an outage. Meanwhile an unknown key results in an error, not a deny.
func TestSecretsManagerFailsLater(t *testing.T) {
	for name, c := range secretsFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock(t)
			s := start(t, "plain", built.fixtures, clock.use(local.AuthorizerID), withKeys(
				apikey.Key{ID: "soon", SHA256: apikey.Hash(scopedKey)},
				apikey.Key{ID: "then", SHA256: apikey.Hash(laterKey)},
				apikey.Key{ID: "late", SHA256: apikey.Hash(endingKey)},
			))
			// Each key is used for the first time, so no result is cached.
			list := func(key string) response { return s.rpc(t, key, "tools/list", "{}") }
			check(t, list(deploymentKey), http.StatusOK, `"tools"`)
			s.faults.set(c.fault)
			check(t, list(scopedKey), http.StatusOK, `"tools"`)
			clock.set(t, 40*time.Second)
			status, body := http.StatusInternalServerError, internalError
			if c.outage {
				status, body = http.StatusOK, `"tools"`
			}
			check(t, list(laterKey), status, body)
			check(t, list(wrongKey), http.StatusInternalServerError, internalError)
			clock.set(t, 16*time.Minute)
			check(t, list(endingKey), http.StatusInternalServerError, internalError)
			s.faults.set(nil)
			check(t, list(endingKey), http.StatusOK, `"tools"`)
			clock.set(t, 17*time.Minute)
			check(t, list(wrongKey), http.StatusForbidden, `{"message":"Forbidden"}`)
			s.logs.wantLines(t, 1, `"authorizer result"`, `"outcome":"denied"`) // the last line of the authorizer: now all others have arrived
			if n := s.logs.count("using the last keyring"); (n > 0) != c.outage {
				t.Errorf("%d lines mention an old keyring, during an outage: %v", n, c.outage)
			}
		})
	}
}

// TestRegistryGarbage: if the secret is not a key document, the authorizer returns an error
// for every key, even one that equals the secret.
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
		})
	}
}

// TestNewKeyDuringAFlood: while a flood of wrong keys uses up the allowed reads of the
// secrets, a newly issued key begins to work. keystore's tests limit how long that takes, by
// a clock that a busy machine does not delay.
func TestNewKeyDuringAFlood(t *testing.T) {
	s := start(t, "plain", built.fixtures, unthrottled)
	check(t, s.rpc(t, deploymentKey, "tools/list", "{}"), http.StatusOK, `"tools"`)
	over := make(chan struct{})
	var refused atomic.Int64
	var flood sync.WaitGroup
	defer func() {
		close(over)
		flood.Wait()
	}()
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
	poll.Until(t, "the reads to be used up", func() bool { return refused.Load() > 10 })
	document, err := apikey.Document{Keys: []apikey.Key{{ID: "new", SHA256: apikey.Hash(scopedKey)}}}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	s.issue(t, string(document))
	poll.Until(t, "the issued key to work", func() bool { return s.rpc(t, scopedKey, "tools/list", "{}").status == http.StatusOK })
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
