package dotenv_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings/dotenv"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       map[string]string
	}{
		{"empty", "", map[string]string{}},
		{"comments and blanks", "# A=1\n\n  # B=2\n", map[string]string{}},
		{"plain", "A=1\nB = two words \nC=", map[string]string{"A": "1", "B": "two words", "C": ""}},
		{"export", "export A=1\nexport\tB=2\nexported=3", map[string]string{"A": "1", "B": "2", "exported": "3"}},
		{"byte-order mark and CRLF", "\ufeffA=1\r\nB=\"2\"\r\n", map[string]string{"A": "1", "B": "2"}},
		{"trailing comment", "A=1 # one\nC=a#b\nD=x\t# tab", map[string]string{"A": "1", "C": "a#b", "D": "x"}},
		{"a value that begins with #", "A=#ff0000\nB=#general # a channel\nC=#\nD = '#x'", map[string]string{"A": "#ff0000", "B": "#general", "C": "#", "D": "#x"}},
		{"double quotes", `A="a # b" # c` + "\n" + `B="x\ny\"z\\ C:\dir"`, map[string]string{"A": "a # b", "B": "x\ny\"z\\ C:\\dir"}},
		{"an unknown escape before a letter of two bytes", `A="C:\Örjan\x"`, map[string]string{"A": `C:\Örjan\x`}},
		{"single quotes", `A='a\n"b" #'`, map[string]string{"A": `a\n"b" #`}},
		{"equals in the value", "A=b=c==", map[string]string{"A": "b=c=="}},
		{"nothing is expanded", "A=$HOME ${B} `c`", map[string]string{"A": "$HOME ${B} `c`"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := dotenv.Parse([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", c.text, d)
			}
		})
	}
}

func TestParseRejects(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"A=1\nhunter2", "line 2: need NAME=value"},
		{"=hunter2", "line 1: need NAME=value"},
		{"MY-KEY=hunter2", "line 1: need NAME=value"},
		{`A="hunter2`, "line 1: A: the closing quote is missing"},
		{`A='hunter2' b`, "line 1: A: there is text after the closing quote"},
		{"A=hunter2\n#\nA=2", "line 3: A is already set in line 1"},
		{"hunter2\nA=1\nB='hunter2", "line 1: need NAME=value; line 3: B: the closing quote is missing"},
		{"A= #hunter2", "line 1: A: a value or a comment may begin here"},
		{"A =\t# hunter2", "line 1: A: a value or a comment may begin here"},
		{"\xff\xfeA\x00=\x00", "UTF-16"},
		{"A=\xe9", "not UTF-8"},
	} {
		_, err := dotenv.Parse([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%q) = %v, want an error with %q", c.text, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("Parse(%q): the error quotes a value: %v", c.text, err)
		}
	}
}

// TestPartlyRead checks that Parse returns the valid lines, and that MayHide finds the
// settings that invalid lines may be meant to set.
func TestPartlyRead(t *testing.T) {
	values, err := dotenv.Parse([]byte("STACK_NAME=Weather\nexport stage dev\nA=1\nA=2"))
	if d := cmp.Diff(map[string]string{"STACK_NAME": "Weather", "A": "1"}, values); d != "" {
		t.Errorf("values (-want +got):\n%s", d)
	}
	unread, ok := errors.AsType[*dotenv.LineError](err)
	if !ok {
		t.Fatalf("got %v, want a LineError", err)
	}
	for name, want := range map[string]bool{"STAGE": true, "STACK_NAME": false} {
		if unread.MayHide(name) != want {
			t.Errorf("MayHide(%s) is %t", name, !want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("export A=\"x\\n\" # c\r\nB='y'")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := dotenv.Parse([]byte(text))
		if values == nil && err == nil {
			t.Fatalf("Parse(%q) = %v, %v: want values or an error", text, values, err)
		}
	})
}
