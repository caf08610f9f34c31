package stacks

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/keys/apikey"
)

func TestKeyOf(t *testing.T) {
	hash := apikey.Hash(plainKey)
	for name, want := range map[string]struct {
		key         Key
		fingerprint string
		line        string // part of it
	}{
		"chosen":    {Key{"API_KEY", hash}, hash[:8], "from API_KEY, SHA-256 " + hash[:8]},
		"hash":      {Key{"API_KEY_SHA256", hash}, hash[:8], "from API_KEY_SHA256, SHA-256 " + hash[:8]},
		"generated": {Key{KeyGenerated, ""}, "generated", "warning: neither API_KEY nor API_KEY_SHA256 is set"},
		"none":      {Key{KeyNone, ""}, "none", "only issued keys"},
	} {
		got := KeyOf(parse(t, variants()[name]))
		if got != want.key || got.Fingerprint() != want.fingerprint {
			t.Errorf("%s: KeyOf = %+v with fingerprint %q, want %+v with %q", name, got, got.Fingerprint(), want.key, want.fingerprint)
		}
		if line := got.String(); !strings.Contains(line, want.line) || strings.Contains(line, hash) || strings.Contains(line, plainKey) {
			t.Errorf("%s: line = %q, want %q in it and neither key nor hash", name, line, want.line)
		}
	}
}

func TestNoPlaintextLeavesTheMachine(t *testing.T) {
	for _, name := range []string{"chosen", "full"} {
		found := files(t, all[name].dir)
		for path, text := range found {
			for _, secret := range []string{plainKey, toolSecret} {
				if strings.Contains(text, secret) {
					t.Errorf("%s: %s contains a secret", name, path)
				}
			}
		}
		if !strings.Contains(string(all[name].raw), apikey.Hash(plainKey)) || len(found) < 5 {
			t.Errorf("%s: checked the wrong files: no hash in the template, or too few files: %d", name, len(found))
		}
	}
}

// TestKeySourcesChangeNothingElse: changing the source must change neither the
// endpoint nor the issued keys.
func TestKeySourcesChangeNothingElse(t *testing.T) {
	if diff := cmp.Diff(string(all["chosen"].raw), string(all["hash"].raw)); diff != "" {
		t.Errorf("API_KEY and its own hash give different templates (-key +hash):\n%s", diff)
	}
	without := func(name string) map[string]any {
		var whole map[string]any
		if err := json.Unmarshal(all[name].raw, &whole); err != nil {
			t.Fatal(err)
		}
		delete(whole["Resources"].(map[string]any), "DefaultKey")
		delete(whole["Outputs"].(map[string]any), "ApiKeyFingerprint")
		return whole
	}
	if diff := cmp.Diff(without("chosen"), without("generated")); diff != "" {
		t.Errorf("templates of a chosen and a generated key (-chosen +generated):\n%s", diff)
	}
}

func TestDefaultKey(t *testing.T) {
	document := `{"keys":[{"id":"default","sha256":"` + apikey.Hash(plainKey) + `"}]}`
	for name, want := range map[string]map[string]any{
		"chosen":    {"SecretString": document},
		"hash":      {"SecretString": document},
		"generated": {"GenerateSecretString": map[string]any{"ExcludePunctuation": true, "PasswordLength": 48.0}},
	} {
		got := all[name].Resources["DefaultKey"].Properties
		delete(got, "Description")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: DefaultKey (-want +got):\n%s", name, diff)
		}
	}
	if _, err := apikey.NewKeyring(document, ""); err != nil {
		t.Errorf("the authorizer would reject the stored document: %v", err)
	}

	none := all["none"]
	if _, ok := none.Resources["DefaultKey"]; ok {
		t.Error("none: has a DefaultKey")
	}
	if strings.Contains(string(none.raw), "DEFAULT_KEY_SECRET") {
		t.Error("none: the authorizer has DEFAULT_KEY_SECRET")
	}
}

// TestNoValueInWrittenSecrets: CloudFormation would overwrite the values that mcpctl
// writes.
func TestNoValueInWrittenSecrets(t *testing.T) {
	for name, result := range everySynthesis() {
		for _, id := range result.idsOf("SecretsManager::Secret") {
			if id == "DefaultKey" || id == "SessionSecret" { // mcpctl does not write these
				continue
			}
			for property := range result.Resources[id].Properties {
				if property != "Description" {
					t.Errorf("%s: %s has %s, want nothing but a description", name, id, property)
				}
			}
		}
		if _, ok := result.Resources["IssuedKeys"]; !ok {
			t.Errorf("%s: no IssuedKeys", name)
		}
	}
}
