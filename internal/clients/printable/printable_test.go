package printable

import (
	"encoding/json"
	"testing"
)

// hostile has one character of each kind that a terminal may act on.
const hostile = "a\x1b[31mb\u009bc\u202ed\u2066e\u200ff\u2028g\u2029h\x7fi\x00j\U000e0041k\ufeffl"

func TestLine(t *testing.T) {
	for text, want := range map[string]string{
		"plain ünïcode 天気 👩\u200d💻": "plain ünïcode 天気 👩\u200d💻",
		hostile:                     "a [31mb c d e f g h i j k l",
		"two\nlines\r\nand\ta tab":  "two lines  and a tab",
		"bad \xff byte":             "bad \ufffd byte",
	} {
		if got := Line(text); got != want {
			t.Errorf("Line(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		hostile:                    "a [31mb c d e f g h i j k l",
		"two\nlines\r\nand\ta tab": "two\nlines\nand\ta tab",
		"over\rwritten":            "over written",
	} {
		if got := Text(text); got != want {
			t.Errorf("Text(%q) = %q, want %q", text, got, want)
		}
	}
}

// The printed JSON has the same value, and nothing that a terminal acts on.
func TestJSON(t *testing.T) {
	encoded, err := json.MarshalIndent(map[string]string{"text\u202e": hostile}, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	got := JSON(encoded)
	for _, r := range string(got) {
		if unsafe(r) && r != '\n' && r != '\t' {
			t.Errorf("%U is not escaped in %s", r, got)
		}
	}
	var value map[string]string
	if err := json.Unmarshal(got, &value); err != nil || value["text\u202e"] != hostile {
		t.Errorf("%s decodes to %q, %v", got, value, err)
	}
}
