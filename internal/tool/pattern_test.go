package tool

import (
	"regexp"
	"strings"
	"testing"
)

// The patterns are sorted by whether V8 compiles them with the flag u and interprets them
// as Go does.
func TestPatterns(t *testing.T) {
	both := []string{
		``, `|`, `()`, `(|a)`, `^[\w.-]+$`, `\p{L}`, `\P{L}`, `\p{Lu}+`, `\p{Letter}`, `\p{Zs}`, `\p{Any}`, `\x41`, `\/`, `[\/]`, `[\-]`, `[a\-z]`, `[\d-]`, `[-\d]`, `[a-]`,
		`[a&&b]`, `[(?!]`, `[.*+{}]`, `a*?`, `a??`, `a{2}`, `a{1,}?`, `a{1,3}`, `(?:a)`, `(?:a|^)+`, `(^)*`, `\B`, `\v`, `\t\n\r\f`, `\D\W\S`, `[\D\W\S]`, `\$\.\{\}`, `[\]\[\^]`, `é[é-ü]`, "a\nb",
		`^(?:[A-Z]{2}-)?[0-9]{4,}$`, `[[a]`,
	}
	odd := map[string]string{ // by pattern, the part that only Go interprets in this way
		`^\d{3}\-\d{4}$`: `\-`, `^[\w-.]+$`: `\w-.`, `[\p{L}-x]`: `\p{L}-x`, `[^[:alpha:]]`: `[:`, `[a[:digit:]]`: `[:`, `[[:alpha:]]`: `[:`, `[]a]`: `[]`, `[^]a]`: `[^]`,
		`a{,5}`: `{`, `a{`: `{`, `a{0`: `{`, `a}`: `}`, `a]`: `]`, `[[a]]`: `]`, `\p{Greek}`: `\p{Greek}`, `\p{Yi}`: `\p{Yi}`, `[\p{Han}]`: `\p{Han}`, `\p{^L}`: `\p{^L}`, `\pL`: `\pL`,
		`^*`: `^*`, `$+`: `$+`, `\b?`: `\b?`, `\B{2}`: `\B{2}`, `(?:^*)`: `^*`, `(?i)a`: `(?i`, `(?P<n>a)`: `(?P`, `(?s:.)`: `(?s`, `\x{41}`: `\x`, `\Aa\z`: `\A`, `a\z`: `\z`, `\Q.\E`: `\Q`,
		`\a`: `\a`, `\07`: `\0`, `\'`: `\'`, `\@`: `\@`, `[\@]`: `\@`, `\_`: `\_`, `\ `: `\ `,
	}
	for _, text := range both {
		b := builder{}
		if b.pattern(text, "x") == nil {
			t.Errorf("%q is rejected: %v", text, b.problems)
		}
	}
	for text, want := range odd {
		b := builder{}
		if got := b.pattern(text, "x"); got != nil || !strings.HasSuffix(strings.Join(b.problems, ""), " uses syntax of Go that clients do not know: "+want) {
			t.Errorf("%q: accepted %v, problems %q, want one with %s", text, got != nil, b.problems, want)
		}
	}
}

// Every regular expression of Go is read to its end.
func FuzzPattern(f *testing.F) {
	for _, text := range []string{`^[\w.-]+$`, `\p{Greek}`, `\pL`, `[^[:alpha:]]`, `a{1,2}{`, `\x{41}\x41`, `(?i)[]a]`, `\Q\`, `[\d-a]`, `\p{^L}[\P{L}]`, `\07`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := regexp.Compile(text); err == nil && !strings.Contains(text, goOnly(text)) {
			t.Errorf("%q: %q is not a part of it", text, goOnly(text))
		}
	})
}
