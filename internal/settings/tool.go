package settings

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const (
	toolPrefix   = "TOOL_"
	secretPrefix = "TOOL_SECRET_"
)

// maxToolBytes leaves room for the other variables in the 4 KB that Lambda allows for a
// function's environment.
const maxToolBytes = 3 << 10

// setTool accepts a TOOL_* or TOOL_SECRET_* setting.
func setTool(s *Settings, name, value string) error {
	prefix, into := toolPrefix, s.Tool
	if strings.HasPrefix(name, secretPrefix) {
		prefix, into = secretPrefix, s.ToolSecrets
	}
	if !regexp.MustCompile(`^[A-Z0-9]+(_[A-Z0-9]+)*$`).MatchString(strings.TrimPrefix(name, prefix)) {
		return fmt.Errorf("is not a valid name of a tool's setting, need %sNAME with A-Z, 0-9 and single _", prefix)
	}
	rest := strings.TrimPrefix(name, toolPrefix)
	if prefix == toolPrefix && meansSecret(rest) {
		if rest == "SECRET" {
			rest = "NAME"
		}
		return fmt.Errorf("means a secret, but a %s* setting is in the template in plain text; use %s%s", toolPrefix, secretPrefix, rest)
	}
	if kind := secretValue(value); prefix == toolPrefix && kind != "" {
		return fmt.Errorf("is %s, but a %s* setting is in the template in plain text; use %s%s", kind, toolPrefix, secretPrefix, rest)
	}
	if prefix == secretPrefix {
		for other := range s.ToolSecrets {
			if ToolSecretID(other) == ToolSecretID(name) {
				return fmt.Errorf("and %s would be the same resource of the stack, %s; rename one", other, ToolSecretID(name))
			}
			// The stack has an output with the secret's ARN.
			if id, otherID := ToolSecretID(name), ToolSecretID(other); id == otherID+"Arn" || id+"Arn" == otherID {
				return fmt.Errorf("and %s would both need the name %s in the stack; rename one", other, max(id, otherID))
			}
		}
	}
	into[name] = value
	return nil
}

// describing lists words: a name that ends in one of them does not mean a secret, even if
// it contains a word for a secret, such as TOKEN_URL.
var describing = []string{"URL", "URI", "ENDPOINT", "ID", "TTL", "LIMIT", "LENGTH"}

// meansSecret reports whether a name, without its prefix, means a secret: one of its words
// is or ends in a word for a secret, perhaps in the plural or with a number. English words
// that end in KEY are exceptions.
func meansSecret(name string) bool {
	secret := regexp.MustCompile(`(TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|KEY)S?[0-9]*$|^(PASS|PWD|PW|CREDS?|AUTHORIZATION|BEARER|JWT|PAT|PASSWRD|PASSCODE)[0-9]*$|(.PWD|APIKEY|PASSWORT)[0-9]*$`)
	exception := regexp.MustCompile(`^(MON|TUR|DON|JOC|HOC|HOT|WHIS)KEYS?[0-9]*$`)
	words := strings.Split(name, "_")
	if slices.Contains(describing, words[len(words)-1]) {
		return false
	}
	return slices.ContainsFunc(words, func(w string) bool { return secret.MatchString(w) && !exception.MatchString(w) })
}

// secretValue names the kind of secret that a value is or contains, or returns "" if it
// recognizes none. The name alone is not enough: DB_URL may contain a password.
func secretValue(value string) string {
	for _, secret := range []struct{ kind, pattern string }{
		{"a URL with a password", `://[^/?#\s@]*:[^/?#\s@]+@`},
		{"a text with a password or a key", `(?i)(^|[;?&\s])(password|passwd|pwd|accountkey|sharedaccesskey|api[_-]?key|access[_-]?token|auth[_-]?token|client[_-]?secret|secret|sig|signature|token)\s*=\s*[^;&\s]`},
		{"a private key", `-----BEGIN [A-Z ]*PRIVATE KEY-----`},
		{"a JSON Web Token", `^eyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$`},
		{"an authorization header", `(?i)^(bearer|basic|token) +[A-Za-z0-9._~+/=-]{16,}$`},
		{"a token of a service", `^(sk-|sk_live_|sk_test_|rk_live_|ghp_|gho_|ghs_|ghu_|github_pat_|glpat-|xox[abeprs]-|xapp-|AIza|npm_|hf_|pypi-|dop_v1_|shpat_|SG\.)[A-Za-z0-9._-]{16,}$`},
		{"a key of this server or one like it", `^mcp_[a-z0-9]+_[A-Za-z0-9]{40,}$`},
		{"a webhook's URL", `^https://(hooks\.slack\.com/services|discord(app)?\.com/api/webhooks)/.`},
	} {
		if regexp.MustCompile(secret.pattern).MatchString(value) {
			return secret.kind
		}
	}
	return ""
}

// checkEnvironmentSize rejects TOOL_* and presentation settings that are too large
// for Lambda, which would fail during the deployment.
func checkEnvironmentSize(s Settings) error {
	size, names := 0, "the TOOL_* settings"
	for name, value := range s.Tool {
		size += len(name) + len(value)
	}
	if extra := s.Presentation.size(); extra > 0 {
		size += extra
		names += " and SERVER_TITLE, SERVER_INSTRUCTIONS, SERVER_ICON and SERVER_WEBSITE"
	}
	if size > maxToolBytes {
		return fmt.Errorf("%s are %d bytes together, need at most %d, since Lambda limits a function's environment; "+
			"put large data into the tool's code or a TOOL_SECRET_* setting, and a large icon behind an https URL", names, size, maxToolBytes)
	}
	return nil
}

// maxEnvironment is what Lambda allows for the names and values of a function's
// environment, in bytes.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const maxEnvironment = 4 << 10

// checkFunctionEnvironment rejects settings with which the environment of the MCP function
// would be too large for Lambda, which would fail during the deployment. It leaves out what
// depends on the region, so that it rejects nothing that Lambda accepts.
func checkFunctionEnvironment(s Settings) error {
	if !s.Has(ShapeHTTPAPI) && !s.Has(ShapeStream) {
		return nil
	}
	const shortestARN = len("arn:aws:secretsmanager:us-east-1:123456789012:secret:-abcdefghijkl-abcdef")
	arns := map[string]string{}
	for name := range s.ToolSecrets {
		arns[name] = strings.Repeat("x", shortestARN+len(ToolSecretID(name)))
	}
	size := 0
	for name, value := range s.MCPEnv(arns) {
		size += len(name) + len(value)
	}
	if size > maxEnvironment {
		return fmt.Errorf("the environment of a function would have %d bytes or more, need at most %d, the limit of Lambda: "+
			"it has ALLOWED_ORIGINS, the SIGNIN_* and TOOL_* settings, and about 100 bytes for each TOOL_SECRET_* setting", size, maxEnvironment)
	}
	return nil
}
