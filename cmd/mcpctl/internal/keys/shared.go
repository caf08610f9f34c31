package keys

import (
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/keys/apikey"
)

// The deployment key may be in the registry too: it was imported, or API_KEY was set to an
// issued key. Then the registry's entry applies, see [apikey.NewKeyring], and a command
// that changes the entry warns about this.

// fingerprint is the form of the output ApiKeyFingerprint if the user chose the key;
// otherwise the output is a word.
var fingerprint = regexp.MustCompile(`^[0-9a-f]{8}$`)

// deploymentHash is the SHA-256 of the deployment key in hex, or the beginning of
// it; "" if there is no such key. It is unknown if Secrets Manager generated the
// key and the user may not read it, as with the smallest policy.
type deploymentHash struct {
	digits string
	known  bool
}

// deploymentHash returns the hash. It is looked up once.
func (t *keyTarget) deploymentHash(ctx context.Context) deploymentHash {
	if t.hash == nil {
		digits, known := t.lookUpHash(ctx)
		t.hash = &deploymentHash{digits, known}
	}
	return *t.hash
}

func (t *keyTarget) lookUpHash(ctx context.Context) (digits string, known bool) {
	switch {
	case t.DefaultKey == "":
		return "", true
	case fingerprint.MatchString(t.Fingerprint):
		return t.Fingerprint, true
	}
	out, err := t.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &t.DefaultKey})
	if err != nil {
		return "", false
	}
	value := aws.ToString(out.SecretString)
	if !strings.HasPrefix(strings.TrimSpace(value), "{") {
		return apikey.Hash(value), true
	}
	d, err := apikey.ParseDocument([]byte(value))
	if err != nil || len(d.Keys) == 0 {
		return "", err == nil
	}
	return d.Keys[0].SHA256, true
}

// deploymentKey returns the fingerprint of the deployment key, "" if it is
// unknown.
func (t *keyTarget) deploymentKey(ctx context.Context) apikey.Fingerprint {
	return apikey.Fingerprint(t.deploymentHash(ctx).digits)
}

// deploymentKeys returns those of the keys that are the deployment key.
func (t *keyTarget) deploymentKeys(ctx context.Context, keys []apikey.Key) []apikey.Key {
	if len(keys) == 0 {
		return nil
	}
	digits := t.deploymentHash(ctx).digits
	var found []apikey.Key
	for _, k := range keys {
		if digits != "" && strings.HasPrefix(k.SHA256, digits) {
			found = append(found, k)
		}
	}
	return found
}

// isDeploymentKey reports whether the key is the deployment key.
func (t *keyTarget) isDeploymentKey(ctx context.Context, k apikey.Key) bool {
	return len(t.deploymentKeys(ctx, []apikey.Key{k})) > 0
}

// warnDeploymentKeyIssued warns, before a write, that one of the new entries will apply to
// the deployment key.
func warnDeploymentKeyIssued(ctx context.Context, env *cli.Env, t *keyTarget, keys []apikey.Key) {
	for _, k := range t.deploymentKeys(ctx, keys) {
		env.Note("warning: the key of %q is also the deployment key; from now on this entry (tools: %s, expiry: %s) applies to everyone who has the key",
			k.ID, toolList(k.Tools), optionalDate(optional(k.Expires), "never"))
	}
}

// warnRevokesDeploymentKey warns that revoking the key revokes the deployment key.
func warnRevokesDeploymentKey(ctx context.Context, env *cli.Env, t *keyTarget, d apikey.Document, name string) {
	var entries []apikey.Key
	for _, k := range d.Keys {
		if k.ID == name {
			entries = append(entries, k)
		}
	}
	if len(t.deploymentKeys(ctx, entries)) > 0 {
		env.Note("warning: the key of %q is also the deployment key, which will be rejected as well: set another API_KEY and run npx cdk deploy\n"+
			"its entry is kept as expired, because without it the key would be accepted with all tools; after another key is deployed, revoke %s again to remove it", name, name)
	}
}

// noteDeploymentKey prints which listed keys are the deployment key, unless a secret would
// have to be read to find out.
func noteDeploymentKey(ctx context.Context, env *cli.Env, t *keyTarget, d apikey.Document) {
	if !fingerprint.MatchString(t.Fingerprint) {
		return
	}
	for _, k := range t.deploymentKeys(ctx, d.Keys) {
		env.Note("the key of %q is also the deployment key; its entry applies", k.ID)
	}
}

// warnReactivatesDeploymentKey warns that a removed entry no longer limits the
// deployment key.
func warnReactivatesDeploymentKey(ctx context.Context, env *cli.Env, t *keyTarget, before, after apikey.Document) {
	for _, k := range t.deploymentKeys(ctx, before.Keys) {
		if !hasKey(after, k) {
			env.Note("warning: the key of %q is also the deployment key; without this entry it may use all tools", k.ID)
		}
	}
}

func hasKey(d apikey.Document, k apikey.Key) bool {
	for _, other := range d.Keys {
		if other.SHA256 == k.SHA256 {
			return true
		}
	}
	return false
}
