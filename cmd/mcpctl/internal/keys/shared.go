package main

import (
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"serverless-mcp/internal/keys/apikey"
)

// The deployment's key may be issued too: it was imported, or an issued one was
// put into API_KEY. Then the issued entry counts, see [apikey.NewKeyring], and
// whoever changes one has to hear of the other.

// fingerprint is the form of the output ApiKeyFingerprint where the key was
// chosen; else it is a word.
var fingerprint = regexp.MustCompile(`^[0-9a-f]{8}$`)

// deploymentHash is what the SHA-256 of the deployment's key begins with, or the
// whole of it; "" where there is no such key. It is unknown where Secrets Manager
// made the key up and its secret may not be read, as with the smallest policy.
type deploymentHash struct {
	digits string
	known  bool
}

// deploymentHash is looked up once.
func (h *keyholder) deploymentHash(ctx context.Context) deploymentHash {
	if h.lookedUp == nil {
		digits, known := h.lookUpHash(ctx)
		h.lookedUp = &deploymentHash{digits, known}
	}
	return *h.lookedUp
}

func (h *keyholder) lookUpHash(ctx context.Context) (digits string, known bool) {
	switch {
	case h.DefaultKey == "":
		return "", true
	case fingerprint.MatchString(h.Fingerprint):
		return h.Fingerprint, true
	}
	out, err := h.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &h.DefaultKey})
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

// deploymentKey is the fingerprint of the deployment key, "" if it is unknown.
func (h *keyholder) deploymentKey(ctx context.Context) apikey.Fingerprint {
	return apikey.Fingerprint(h.deploymentHash(ctx).digits)
}

// shared are the keys that are the deployment's too, as far as that is known.
func (h *keyholder) shared(ctx context.Context, keys []apikey.Key) []apikey.Key {
	if len(keys) == 0 {
		return nil
	}
	digits := h.deploymentHash(ctx).digits
	var shared []apikey.Key
	for _, k := range keys {
		if digits != "" && strings.HasPrefix(k.SHA256, digits) {
			shared = append(shared, k)
		}
	}
	return shared
}

// isShared reports whether the key is the deployment's too.
func (h *keyholder) isShared(ctx context.Context, k apikey.Key) bool {
	return len(h.shared(ctx, []apikey.Key{k})) > 0
}

// warnOfShared tells, ahead of a write, what it will mean for the deployment's
// key that it is among the keys.
func (p *program) warnOfShared(ctx context.Context, h *keyholder, keys []apikey.Key) {
	for _, k := range h.shared(ctx, keys) {
		p.note("warning: the key of %q is the deployment's key too; what counts from now on is this entry (tools: %s, end: %s), for everybody who has the key",
			k.ID, toolList(k.Tools), day(moment(k.Expires), "never"))
	}
}

// warnOfShut tells what it means to revoke a key that is the deployment's too.
func (p *program) warnOfShut(ctx context.Context, h *keyholder, d apikey.Document, name string) {
	var entries []apikey.Key
	for _, k := range d.Keys {
		if k.ID == name {
			entries = append(entries, k)
		}
	}
	if len(h.shared(ctx, entries)) > 0 {
		p.note("warning: the key of %q is the deployment's key too, and will open nothing as that either: set another API_KEY and run npx cdk deploy\n"+
			"its entry stays, as expired, for without it the key would open everything; once another key is deployed, revoke %s again to drop it", name, name)
	}
}

// noteShared tells which keys of a list are the deployment's too, if that can be
// told without reading a secret for it.
func (p *program) noteShared(ctx context.Context, h *keyholder, d apikey.Document) {
	if !fingerprint.MatchString(h.Fingerprint) {
		return
	}
	for _, k := range h.shared(ctx, d.Keys) {
		p.note("the key of %q is the deployment's key too; what counts is its entry", k.ID)
	}
}

// warnOfReopened tells what becomes of the deployment's key without its entry.
func (p *program) warnOfReopened(ctx context.Context, h *keyholder, before, after apikey.Document) {
	for _, k := range h.shared(ctx, before.Keys) {
		if !hasKey(after, k) {
			p.note("warning: the key of %q is the deployment's key too; without this entry it opens everything", k.ID)
		}
	}
}

func hasKey(d apikey.Document, k apikey.Key) bool {
	for _, there := range d.Keys {
		if there.SHA256 == k.SHA256 {
			return true
		}
	}
	return false
}
