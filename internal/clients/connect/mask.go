package connect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"serverless-mcp/internal/clients/clientconfig"
	"serverless-mcp/internal/clients/configfile"
)

// secretWords occur in the names of headers, variables, arguments and query parameters that
// hold a key, of this server or another.
const secretWords = `api[-_]?key|authorization|token|secret|passw|cookie`

var (
	// secretName matches names that have one of secretWords, and those of our variables.
	secretName = regexp.MustCompile(`(?i)` + secretWords + `|^mcp_key_`)
	// environment matches the objects with a program's variables: a key may have any
	// name there.
	environment = regexp.MustCompile(`(?i)^(env|envs|environment)$`)
	// variableName matches members that name a variable and hold no key.
	variableName = regexp.MustCompile(`(?i)^env_http_headers$|_env_var$`)
	// harmless matches parts of a value that may be shown: references to
	// variables and inputs, the scheme of an Authorization header, and our own masks.
	harmless = regexp.MustCompile(`\$\{[^}]*\}|\{env:[^}]*\}|\$[A-Za-z_]\w*|(?i:bearer )|\(hidden[-\d]*\)`)

	argument = regexp.MustCompile(`^-*([\w-]+)\s*[:=]\s*(.+)$`)
	option   = regexp.MustCompile(`^--?([\w-]+)$`)
	query    = regexp.MustCompile(`[?&]([\w-]+)=([^&#]+)`)
	password = regexp.MustCompile(`://[^/@\s:]*:([^/@\s]+)@`)
	// commentKey matches keys in comments, which have no members to search: after a name and
	// a colon or equals sign, and after an option.
	commentKey = regexp.MustCompile(`(?i)((?:[\w-]*(?:` + secretWords + `)[\w-]*|mcp_key_\w+)["']?[ \t]*[:=][ \t]*["']?|` +
		`--[\w-]*(?:` + secretWords + `)[\w-]*["']?,?[ \t]+["']?)((?:bearer\s+)?[^\s"',]+)`)
	// ourName matches the names of our header and variables, and of Authorization, whose
	// values are keys even if they are short.
	ourName = regexp.MustCompile(`(?i)x-api-key|authorization|mcp_key_`)
)

// Diff returns the change as a unified diff in which all keys are masked, including those
// of other entries. Equal keys have equal masks. If a key cannot be masked, Diff returns a
// note instead.
func (ch Change) Diff() string {
	before, after, ok := masked(ch.Client.Format, ch.File.Text, ch.After)
	if !ok {
		return ch.File.Path + ": would be changed. The difference is not shown: it contains a key that cannot be masked.\n"
	}
	text := string(diff.Diff(ch.File.Path+" as it is", before, ch.File.Path+" as it would be", after))
	_, text, _ = strings.Cut(text, "\n") // the first line repeats the two that follow
	return hideCommentKeys(text)
}

// masked returns both texts with masks in place of keys. ok is false if their data
// still contains a key.
func masked(f clientconfig.Format, before, after []byte) (maskedBefore, maskedAfter []byte, ok bool) {
	keys, ok := keysIn(f, before)
	more, ok2 := keysIn(f, after)
	if !ok || !ok2 {
		return nil, nil, false
	}
	r := newMasker(string(before)+string(after), append(keys, more...))
	maskedBefore, maskedAfter = []byte(r.Replace(string(before))), []byte(r.Replace(string(after)))
	keys, ok = keysIn(f, maskedBefore)
	more, ok2 = keysIn(f, maskedAfter)
	return maskedBefore, maskedAfter, ok && ok2 && len(keys)+len(more) == 0
}

// newMasker returns a replacer of each key with a mask. Several masks are numbered in the
// order of the text.
func newMasker(text string, keys []string) *strings.Replacer {
	slices.SortFunc(keys, func(a, b string) int {
		if at := strings.Index(text, a) - strings.Index(text, b); at != 0 {
			return at
		}
		return strings.Compare(a, b)
	})
	keys = slices.Compact(keys)
	number := map[string]int{}
	for i, key := range keys {
		number[key] = i + 1
	}
	slices.SortStableFunc(keys, func(a, b string) int { return len(b) - len(a) }) // one may be part of another
	var pairs []string
	for _, key := range keys {
		mask := "(hidden)"
		if len(keys) > 1 {
			mask = fmt.Sprintf("(hidden-%d)", number[key])
		}
		quoted := clientconfig.TOMLValue(key) // as JSON writes it
		pairs = append(pairs, key, mask, quoted[1:len(quoted)-1], mask)
	}
	return strings.NewReplacer(pairs...)
}

func keysIn(f clientconfig.Format, text []byte) ([]string, bool) {
	data, _, err := configfile.Get(f, text, nil)
	return append(secrets("", data), environmentValues("", data)...), err == nil
}

// minKey is the length from which the value of a variable is masked, whatever its name is.
const minKey = 8

// environmentValues returns the values of programs' variables, except short ones, which are
// not keys and would be masked in many other places too.
func environmentValues(name string, value any) []string {
	var all []string
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			all = append(all, environmentValues(name, item)...)
		}
	case map[string]any:
		for member, item := range v {
			if text, ok := item.(string); ok && environment.MatchString(name) && len(text) >= minKey {
				all = append(all, hidden(text)...)
			}
			all = append(all, environmentValues(member, item)...)
		}
	}
	return all
}

// secrets returns the keys in the value of a member, at any depth.
func secrets(name string, value any) []string {
	var all []string
	switch v := value.(type) {
	case string:
		if secretName.MatchString(name) {
			return hidden(v)
		}
		return inText(v)
	case []any:
		for i, item := range v {
			under := name
			if before, ok := previous(v, i).(string); ok && option.MatchString(before) {
				under = before // --api-key KEY
			}
			all = append(all, secrets(under, item)...)
		}
	case map[string]any:
		for member, item := range v {
			if !variableName.MatchString(member) {
				all = append(all, secrets(member, item)...)
			}
		}
	}
	return all
}

func previous(list []any, i int) any {
	if i == 0 {
		return nil
	}
	return list[i-1]
}

// inText returns the keys in an argument such as x-api-key:KEY, or in a URL.
func inText(text string) []string {
	var all []string
	for _, m := range password.FindAllStringSubmatch(text, -1) {
		all = append(all, hidden(m[1])...)
	}
	for _, m := range append(query.FindAllStringSubmatch(text, -1), argument.FindStringSubmatch(text)) {
		if len(m) > 0 && secretName.MatchString(m[1]) {
			all = append(all, hidden(m[2])...)
		}
	}
	return all
}

// hidden returns the parts of a value to hide: the whole value, or none.
func hidden(value string) []string {
	if strings.TrimSpace(harmless.ReplaceAllString(value, "")) == "" {
		return nil
	}
	return []string{value}
}

func hideCommentKeys(text string) string {
	return commentKey.ReplaceAllStringFunc(text, func(found string) string {
		m := commentKey.FindStringSubmatch(found)
		rest := strings.Trim(harmless.ReplaceAllString(m[2], ""), "{}[] ")
		isName := strings.HasPrefix(rest, "MCP_KEY_") || strings.Contains(strings.ToLower(m[1]), "_env_var")
		if rest == "" || isName || len(rest) < minKey && !ourName.MatchString(m[1]) {
			return found
		}
		return m[1] + "(hidden)"
	})
}
