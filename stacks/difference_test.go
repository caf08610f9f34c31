package stacks

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/golden"
)

// A difference compares the templates of two sets of settings: base, and base with the
// added settings.
type difference struct {
	base, added map[string]string
}

// whole returns all settings.
func (d difference) whole() map[string]string {
	values := maps.Clone(d.base)
	maps.Copy(values, d.added)
	return values
}

// baseName returns the name of a base's synthesis: that of a variant with the same settings
// or, if there is none, one in compared.
func baseName(base map[string]string) string {
	for name, values := range variants() {
		if maps.Equal(values, base) && name != "again" {
			return name
		}
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(base)) {
		text.WriteString(name + "=" + base[name] + " ")
	}
	return "base " + text.String()
}

// maxLines limits a golden difference, because reviewers do not read a longer one.
const maxLines = 130

// differences lists the effects of each setting on the template, by the name of the golden
// file in testdata/differences. A setting that only matters with a feature is added to a
// base that has the feature.
func differences() map[string]difference {
	type values = map[string]string
	plus := func(base, more values) values { return difference{base, more}.whole() }
	api := values{"API_KEY": plainKey}
	stream := plus(api, values{"SHAPES": "stream"})
	container := plus(api, values{"SHAPES": "container", "CONTAINER_IMAGE": containerImage})
	domain := plus(api, values{"DOMAIN_NAME": "mcp.example.com", "CERTIFICATE_ARN": certificateEU})
	signin := plus(api, values{"SIGNIN_ISSUER": "https://login.example.com"})
	found := map[string]difference{
		"API_KEY":               {values{}, api},
		"API_KEY-none":          {values{}, values{"API_KEY": settings.NoKey}},
		"API_KEY_SHA256":        {values{}, values{"API_KEY_SHA256": "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"}},
		"PROTECT":               {api, values{"PROTECT": "true"}},
		"STAGE":                 {api, values{"STAGE": "dev"}},
		"STACK_NAME":            {api, values{"STACK_NAME": "Weather"}},
		"SHAPES":                {api, values{"SHAPES": "http-api,stream"}},
		"METRICS":               {api, values{"METRICS": "true"}},
		"METRICS_BY_KEY":        {plus(api, values{"METRICS": "true"}), values{"METRICS_BY_KEY": "true"}},
		"ALARMS":                {plus(api, values{"METRICS": "true"}), values{"ALARMS": "true"}},
		"ALARM_EMAIL":           {plus(api, values{"ALARMS": "true"}), values{"ALARM_EMAIL": "ops@example.com"}},
		"BUDGET_USD":            {plus(api, values{"ALARMS": "true", "ALARM_EMAIL": "ops@example.com"}), values{"BUDGET_USD": "50"}},
		"TRACING":               {api, values{"TRACING": "true"}},
		"DOMAIN_NAME":           {api, values{"DOMAIN_NAME": "mcp.example.com", "CERTIFICATE_ARN": certificateEU}},
		"DOMAIN_NAME-zone":      {api, values{"DOMAIN_NAME": "mcp.example.com", "HOSTED_ZONE_ID": "Z012"}},
		"DOMAIN_NAME-stream":    {stream, values{"DOMAIN_NAME": "mcp.example.com", "CERTIFICATE_ARN": certificateUS}},
		"DOMAIN_NAME-container": {container, values{"DOMAIN_NAME": "mcp.example.com", "CERTIFICATE_ARN": certificateUS}},
		"HOSTED_ZONE_ID":        {domain, values{"HOSTED_ZONE_ID": "Z012"}},
		"SIGNIN_ISSUER":         {api, values{"SIGNIN_ISSUER": "https://login.example.com"}},
		"SIGNIN_ISSUER-cognito": {signin, values{"SIGNIN_ISSUER": "cognito", "SIGNIN_TOOLS": "admins=*"}},
		"SIGNIN_LIMITS":         {plus(signin, values{"KEY_LIMITS": "true"}), values{"SIGNIN_LIMITS": "60/m"}},
		"TOOL_":                 {api, values{"TOOL_GREETING": "hello"}},
		"TOOL_SECRET_":          {api, values{"TOOL_SECRET_UPSTREAM_TOKEN": toolSecret}},
	}
	for _, simple := range []struct {
		base   values
		values string // NAME=value NAME=value
	}{
		{api, "SERVER_NAME=weather SERVER_TITLE=Weather SERVER_INSTRUCTIONS=Ask SERVER_ICON=https://example.com/icon.png SERVER_WEBSITE=https://example.com"},
		{api, "MEMORY_MB=1024 ARCHITECTURE=x86_64 RESERVED_CONCURRENCY=3 JOBS=true KEY_LIMITS=true"},
		{api, "AUTHORIZER_CACHE_SECONDS=0 THROTTLE_RATE=5 THROTTLE_BURST=7 BEARER_ROUTE=true PUBLIC_PAGE=true ALLOWED_ORIGINS=https://app.example.com"},
		{api, "LOG_LEVEL=debug LOG_RETENTION_DAYS=7"},
		{stream, "STREAM_TIMEOUT_SECONDS=900"},
		{container, "CONTAINER_IMAGE=" + strings.Replace(containerImage, "sha256:0", "sha256:f", 1)},
		{container, "CONTAINER_CPU=1024 CONTAINER_MIN_TASKS=2 CONTAINER_MAX_TASKS=9 CONTAINER_SESSIONS=stateful CONTAINER_DRAIN_SECONDS=3600 CONTAINER_MESSAGE_KB=512 CONTAINER_CALLS_PER_KEY=50"},
		{container, "NETWORK=public NAT_GATEWAYS=2 CONTAINER_ZONES=us-east-1b,us-east-1c CLOUDFRONT_PREFIX_LIST=pl-0a1b"},
		{domain, "DISABLE_DEFAULT_ENDPOINT=true CERTIFICATE_ARN=" + certificateUS},
		{signin, "SIGNIN_AUDIENCE=api://mcp SIGNIN_SCOPES=tools SIGNIN_TOOLS=admins=* SIGNIN_GROUPS_CLAIM=roles"},
		{signin, "SIGNIN_NOT_BEFORE=2026-11-28T12:00:00Z SIGNIN_PKCE=true SIGNIN_LOG_EMAIL=true"},
	} {
		for pair := range strings.FieldsSeq(simple.values) {
			name, value, _ := strings.Cut(pair, "=")
			found[name] = difference{simple.base, values{name: value}}
		}
	}
	return found
}

// TestDifferences compares the effects of each setting on the template with a golden file,
// which is short enough to be reviewed. The template with all settings is too long for that.
func TestDifferences(t *testing.T) {
	const folder = "testdata/differences"
	for name, d := range differences() {
		base, ok := all[baseName(d.base)]
		if !ok {
			base = compared[baseName(d.base)]
		}
		text := describeDifference(t, base.raw, compared[name].raw)
		if lines := strings.Count(text, "\n"); lines == 0 || lines > maxLines {
			t.Errorf("%s: the difference has %d lines, want 1 to %d", name, lines, maxLines)
		}
		golden.Check(t, filepath.Join(folder, name+".golden.diff"), text)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := differences()[strings.TrimSuffix(e.Name(), ".golden.diff")]; !ok {
			t.Errorf("%s/%s belongs to no difference: delete it", folder, e.Name())
		}
	}
}

// TestEverySettingHasADifference: a new setting needs an entry in differences.
func TestEverySettingHasADifference(t *testing.T) {
	for _, name := range append(settings.Names(), "TOOL_", "TOOL_SECRET_") {
		if _, ok := differences()[name]; !ok {
			t.Errorf("%s: add it to differences, and run the test with -update", name)
		}
	}
}

// TestEverySettingIsCombined: each setting is also in a variant or a row of the matrix,
// with other settings, so that cdk-nag and the tests of everySynthesis check combinations.
func TestEverySettingIsCombined(t *testing.T) {
	used := map[string]bool{}
	for _, set := range []map[string]map[string]string{variants(), matrix()} {
		for _, values := range set {
			for name := range values {
				used[name] = true
			}
		}
	}
	for _, name := range settings.Names() {
		if !used[name] {
			t.Errorf("%s is in no variant and no row of the matrix", name)
		}
	}
}
