package apikey

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// leakSamples are lines with a key in them, and look-alikes, as they occur in
// repositories.
func leakSamples(t *testing.T) (leaks, harmless []string) {
	t.Helper()
	for _, stage := range []string{"", "dev", "abcdefghij12"} {
		key, err := New(stage, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		leaks = append(leaks,
			key, "API_KEY="+key, `"x-api-key": "`+key+`",`, "-H 'x-api-key: "+key+"'",
			"x-api-key:"+key, "https://example.com/mcp?key="+key+"&x=1", "(see "+key+")", "Bearer "+key+";")
		harmless = append(harmless,
			key[:len(key)-1], key+"x", "x"+key, strings.ToUpper(key), strings.Replace(key, "mcp_", "mcp-", 1),
			strings.Replace(key, "_", "__", 1), Hash(key))
	}
	harmless = append(harmless,
		"mcp_main_<43 characters><6 characters>", Pattern, "${MCP_KEY_SERVER}", "mcp_server_configuration_for_the_local_development_environment_x",
		"mcp_"+strings.Repeat("a", 13)+"_"+strings.Repeat("b", 49), "mcp__"+strings.Repeat("b", 49), "sk_live_"+strings.Repeat("b", 49))
	return leaks, harmless
}

// codeBlock is the content of a block of that language in docs/leaks.md.
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
	data, err := os.ReadFile("../../docs/leaks.md")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n")
}

// cell is a value of the page's table.
func cell(t *testing.T, name string) string {
	t.Helper()
	found := regexp.MustCompile("(?m)^\\| " + name + " \\| `(.*)` \\|$").FindStringSubmatch(leaksPage(t))
	if found == nil {
		t.Fatalf("docs/leaks.md has no row %q", name)
	}
	return strings.ReplaceAll(found[1], `\|`, "|")
}

// TestLeakPatterns tries what docs/leaks.md has people paste. gitleaks is
// written in Go, so its syntax is that of package regexp.
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
				t.Errorf("%s: %s takes %q for a key", name, pattern, text)
			}
		}
	}
	if !regexp.MustCompile("^" + Pattern + "$").MatchString(leaks[0]) {
		t.Errorf("Pattern does not match %q", leaks[0])
	}
}

// TestLeakHook runs the hook in a repository.
func TestLeakHook(t *testing.T) {
	for _, program := range []string{"git", "sh", "grep"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	dir := t.TempDir()
	run := func(name string, args ...string) (string, error) {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	hook := filepath.Join(t.TempDir(), "pre-commit")
	if err := os.WriteFile(hook, []byte(codeBlock(t, "sh")), 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := run("git", "init", "-q"); err != nil {
		t.Fatal(out)
	}
	stage := func(content string) {
		if err := os.WriteFile(filepath.Join(dir, "config.txt"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := run("git", "add", "-f", "config.txt"); err != nil {
			t.Fatal(out)
		}
	}
	leaks, harmless := leakSamples(t)
	stage("nothing here\n" + strings.Join(harmless, "\n") + "\n")
	if out, err := run("sh", hook); err != nil {
		t.Errorf("look-alikes are refused: %s", out)
	}
	for _, text := range leaks {
		stage("one\n" + text + "\nthree\n")
		if out, err := run("sh", hook); err == nil || !strings.Contains(out, "config.txt: an API key") || strings.Contains(out, "mcp_") {
			t.Errorf("with %q staged the hook says %q, %v", text, out, err)
		}
	}
}
