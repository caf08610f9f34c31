package settings_test

import (
	"strings"
	"testing"

	"serverless-mcp/internal/settings"
)

func TestAllowedOrigins(t *testing.T) {
	for _, origin := range []string{
		"https://app.example.com", "http://localhost:6274", "https://a.example:8443", "http://a.example:443", "https://a.example:80",
		"https://xn--bcher-kva.example", "https://a_b.example", "https://a.example.", "http://127.0.0.1:3000", "http://[::1]:3000",
		"https://[2001:db8::1]", "http://[::ffff:7f00:1]", "https://1a.example", "https://app-1.example", "http://a",
	} {
		if _, err := settings.Parse(map[string]string{"ALLOWED_ORIGINS": origin}); err != nil {
			t.Errorf("%s: %v", origin, err)
		}
	}
	for origin, want := range map[string]string{
		"https://*.vercel.app": "wildcards", "https://*": "wildcards", "https://a*.example": "wildcards",
		"https://a.example:443": "default port", "http://a.example:80": "default port",
		"https://a.example:": "port must", "https://a.example:0": "port must", "https://a.example:65536": "port must",
		"https://a.example:08443": "port must", "https://a.example:+1": "port must", "https://a.example:x": "port must",
		"https://bücher.example": "xn--", "https://a.example/": "follow", "https://a.example/x": "follow", "https://a.example?x": "follow",
		"https://a.example#x": "follow", `https://a.example\x`: "follow", "https://user@a.example": "user name", "https://u:p@a.example": "user name",
		"https://A.example": "lower case", "HTTPS://a.example": "begin with", "a.example": "begin with", "null": "begin with", "file://": "begin with",
		"chrome-extension://abc": "begin with", "https:a.example": "begin with", "https://": "host is invalid", "https://a..example": "host is invalid",
		"https://.": "host is invalid", "https://a b.example": "host is invalid", "https://a%2e.example": "host is invalid",
		"https://" + strings.Repeat("a", 64) + ".example": "host is invalid",
		"http://127.1": "four decimal", "http://2130706433": "four decimal", "http://0x7f.0.0.1": "four decimal", "http://0x7f000001": "four decimal",
		"http://127.0.0.01": "four decimal", "http://127.0.0.256": "four decimal", "http://127.0.0.1.": "four decimal", "http://a.1": "four decimal",
		"http://[::0001]": "[::1]", "http://[2001:DB8::1]": "[2001:db8::1]", "http://[::ffff:127.0.0.1]": "[::ffff:7f00:1]",
		"http://[::1": "invalid", "http://[fe80::1%25eth0]": "invalid", "http://[127.0.0.1]": "invalid", "http://::1": "host is invalid",
	} {
		_, err := settings.Parse(map[string]string{"ALLOWED_ORIGINS": "https://good.example," + origin})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "is not an origin") {
			t.Errorf("%s: %v, want an error with %q", origin, err, want)
		}
	}
}

func TestToolSettingsThatMeanASecret(t *testing.T) {
	for _, name := range []string{
		"TOOL_TOKEN", "TOOL_GITHUB_TOKEN", "TOOL_TOKEN_2", "TOOL_TOKEN2", "TOOL_ACCESSTOKEN", "TOOL_TOKENS", "TOOL_SECRET", "TOOL_CLIENT_SECRET",
		"TOOL_CLIENTSECRET", "TOOL_SECRETS", "TOOL_SECRET1", "TOOL_PASSWORD", "TOOL_DB_PASSWORD", "TOOL_DBPASSWORD", "TOOL_PASSWORD_PROD", "TOOL_PASSWD",
		"TOOL_PASS", "TOOL_DB_PWD", "TOOL_PASSPHRASE", "TOOL_KEY", "TOOL_API_KEY", "TOOL_APIKEY", "TOOL_KEY_PROD", "TOOL_KEYS", "TOOL_PRIVATE_KEY",
		"TOOL_CREDENTIAL", "TOOL_CREDENTIALS", "TOOL_AWS_CREDENTIALS_FILE", "TOOL_CREDS",
		"TOOL_CRED", "TOOL_PWD", "TOOL_DBPWD", "TOOL_PW", "TOOL_PASSCODE", "TOOL_AUTHORIZATION", "TOOL_BEARER", "TOOL_JWT", "TOOL_GITHUB_PAT", "TOOL_PWD_2",
	} {
		_, err := settings.Parse(map[string]string{name: "hunter2"})
		if err == nil || !strings.Contains(err.Error(), name+" means a secret") || !strings.Contains(err.Error(), "use TOOL_SECRET_") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want advice to use TOOL_SECRET_…", name, err)
		}
	}
	for _, name := range []string{
		"TOOL_GREETING", "TOOL_KEYBOARD", "TOOL_KEYWORDS", "TOOL_MONKEY", "TOOL_HOTKEYS", "TOOL_TOKENIZER", "TOOL_SECRETARY", "TOOL_COMPASS",
		"TOOL_BYPASS", "TOOL_TOKEN_URL", "TOOL_KEY_ID", "TOOL_PASSWORD_LENGTH", "TOOL_SECRET_KEY", "TOOL_SECRET_TOKEN_URL",
		"TOOL_PATH", "TOOL_PATTERN", "TOOL_PATIENCE", "TOOL_AUTHOR", "TOOL_AUTH_MODE",
	} {
		if _, err := settings.Parse(map[string]string{name: "x"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A secret in the value of a setting with any name is rejected, and the error does not
// quote it.
func TestToolSettingsWithASecretInside(t *testing.T) {
	const hidden = "hunter2hunter2hunter2"
	for _, value := range []string{
		"postgres://app:" + hidden + "@db.example:5432/app", "redis://:" + hidden + "@cache", "https://user:" + hidden + "@a.example/x?y",
		"Server=db;User Id=app;Password=" + hidden, "host=db password=" + hidden, "AccountName=a;AccountKey=" + hidden, "Pwd = " + hidden,
		"https://a.example/x?api_key=" + hidden, "https://a.example/x?a=1&access_token=" + hidden, "https://a.example/?sig=" + hidden,
		"-----BEGIN RSA PRIVATE KEY-----\n" + hidden, "-----BEGIN PRIVATE KEY-----" + hidden, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0." + hidden,
		"Bearer " + hidden, "basic " + hidden, "sk-" + hidden, "ghp_" + hidden, "github_pat_" + hidden, "glpat-" + hidden, "xoxb-" + hidden, "AIza" + hidden,
		"mcp_main_" + hidden + hidden, "https://hooks.slack.com/services/" + hidden,
	} {
		for _, name := range []string{"TOOL_DB_URL", "TOOL_X"} {
			_, err := settings.Parse(map[string]string{name: value})
			if err == nil || !strings.Contains(err.Error(), "use TOOL_SECRET_") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s=%s: %v, want advice to use TOOL_SECRET_… without the value", name, value, err)
			}
			if _, err := settings.Parse(map[string]string{strings.Replace(name, "TOOL_", "TOOL_SECRET_", 1): value}); err != nil {
				t.Errorf("as a secret: %v", err)
			}
		}
	}
	for _, value := range []string{
		"postgres://db.example:5432/app", "postgres://app@db.example/app", "https://a.example/x?page=1&tokens=5", "https://a.example:8443/a:b@c", "host=db user=app",
		"arn:aws:secretsmanager:eu-central-1:123456789012:secret:x", "Bearer", "sk-1", "a=b;c=d", "mailto:a@b.example", "task-0123456789abcdefghij", "2026-11-28T12:00:00Z", "",
	} {
		if _, err := settings.Parse(map[string]string{"TOOL_X": value}); err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
}
