package readme

import (
	"crypto/rand"
	"os"
	"regexp"
	"strings"
	"testing"

	"serverless-mcp/internal/keys/apikey"
)

func newKey(t *testing.T, stage string) string {
	t.Helper()
	key, err := apikey.New(stage, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// leakSamples returns lines that contain a key, and lines that contain only something
// similar, as they occur in repositories.
func leakSamples(t *testing.T) (leaks, harmless []string) {
	t.Helper()
	for _, stage := range []string{"", "dev", "abcdefghij12"} {
		key := newKey(t, stage)
		leaks = append(leaks,
			key, "API_KEY="+key, `"x-api-key": "`+key+`",`, "-H 'x-api-key: "+key+"'",
			"x-api-key:"+key, "https://example.com/mcp?key="+key+"&x=1", "(see "+key+")", "Bearer "+key+";")
		harmless = append(harmless,
			key[:len(key)-1], key+"x", "x"+key, strings.ToUpper(key), strings.Replace(key, "mcp_", "mcp-", 1),
			strings.Replace(key, "_", "__", 1), apikey.Hash(key))
	}
	harmless = append(harmless,
		"mcp_main_<43 characters><6 characters>", apikey.Pattern, "${MCP_KEY_SERVER}", "mcp_server_configuration_for_the_local_development_environment_x",
		"mcp_"+strings.Repeat("a", 13)+"_"+strings.Repeat("b", 49), "mcp__"+strings.Repeat("b", 49), "sk_live_"+strings.Repeat("b", 49))
	return leaks, harmless
}

// codeBlock returns the block in that language of docs/leaks.md.
func codeBlock(t *testing.T, language string) string {
	t.Helper()
	_, after, found := strings.Cut(leaksPage(t), "```"+language+"\n")
	block, _, closed := strings.Cut(after, "```\n")
	if !found || !closed {
		t.Fatalf("docs/leaks.md has no block of %s", language)
	}
	return block
}

func leaksPage(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../../docs/leaks.md")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

// cell returns a value of the table in docs/leaks.md.
func cell(t *testing.T, name string) string {
	t.Helper()
	found := regexp.MustCompile("(?m)^\\| " + name + " \\| `(.*)` \\|$").FindStringSubmatch(leaksPage(t))
	if found == nil {
		t.Fatalf("docs/leaks.md has no row %q", name)
	}
	return strings.ReplaceAll(found[1], `\|`, "|")
}

// TestLeakPatterns checks the patterns of docs/leaks.md. gitleaks is written in
// Go, so it uses the syntax of package regexp.
func TestLeakPatterns(t *testing.T) {
	rule := regexp.MustCompile(`(?m)^regex = '''(.*)'''$`).FindStringSubmatch(codeBlock(t, "toml"))
	if rule == nil {
		t.Fatal("no regex in the rule for gitleaks")
	}
	leaks, harmless := leakSamples(t)
	for name, pattern := range map[string]string{
		"gitleaks": rule[1],
		"GitHub":   "(?:" + cell(t, "Before secret") + ")" + cell(t, "Secret format") + "(?:" + cell(t, "After secret") + ")",
	} {
		re := regexp.MustCompile(pattern)
		for _, text := range leaks {
			if !re.MatchString(text) {
				t.Errorf("%s: %s does not find the key in %q", name, pattern, text)
			}
		}
		for _, text := range harmless {
			if re.MatchString(text) {
				t.Errorf("%s: %s finds a key in %q", name, pattern, text)
			}
		}
	}
	if !regexp.MustCompile("^" + apikey.Pattern + "$").MatchString(leaks[0]) {
		t.Errorf("Pattern does not match %q", leaks[0])
	}
}
