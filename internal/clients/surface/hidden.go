package surface

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// instructions matches sentences that steer the model beyond the use of the tool. Clients
// and scanners treat them as an attack.
var instructions = regexp.MustCompile(`(?i)` + strings.Join([]string{
	`\b(ignore|forget|override|bypass) (all |any |the |your |every )*(previous|prior|other|above|earlier|preceding|system|instructions?|guidelines?|safety)\b`, `\bdisregard\b`,
	`\b(you|the (model|assistant|agent|ai)|claude|gpt) (must|should|shall|has to|have to|are required to|is required to)\b`,
	`\bthis tool (must|should|has to) (always )?be (called|used|run|invoked)\b`, `\b(mandatory|required) (to (call|use) this|first step)\b`,
	`\b(always|never) (call|use|invoke|run|execute|mention|tell|reveal|disclose|show|ask|refuse|prefer|choose)\b`,
	`\b(make|be) sure to (call|use|invoke|run|send)\b`,
	`\b(before|prior to) (using|calling|invoking|you call|you use|answering|responding) (any|this|other|another|every|all|to|the user)\b`,
	`\b(call|use|invoke|run) this( tool)? (first|instead of)\b`, `\bprefer this( tool)?\b`,
	`\b(do not|don['\x{2019}]t) (tell|inform|mention|reveal|disclose|show|ask|notify|alert|warn|(use|call) (any )?other)\b`,
	`\bwithout (telling|informing|asking|notifying) the user\b`, `\bwithout the user['\x{2019}]?s? (knowledge|consent|permission|approval)\b`,
	`\b(secretly|covertly)\b`, `\bkeep (this|it) (a )?secret\b`,
	`<\s*/?\s*(important|system|instructions?|secret|admin)\s*>`, `<\|[a-z_]+\|>`, `\[/?(system|inst)\]`, `\bsystem (prompt|message)\b`, `\byour instructions\b`,
	`\binstead of (any |all )?other tools?\b`, `\bpass (the )?(contents?|text) of\b`,
	`\b(pass|include|send|append|attach) (along )?(the |your )?(whole|entire|full) (conversation|chat|context|history|transcript)\b`,
	`~/\.ssh\b`, `\bid_rsa\b`, `\byou are now\b`, `\bpretend (to|that)\b`,
}, "|"))

func (w *warner) text(where, text string) {
	w.hidden(where, text)
	if found := instructions.FindString(text); found != "" && !strings.HasPrefix(where, "server, instructions") {
		w.add(where, fmt.Sprintf("instructs the model: %q; describe what the tool does instead", found))
	}
}

// maxBlank is the number of consecutive spaces and line breaks after which people overlook
// text.
const maxBlank = 40

// hidden reports characters that people do not see but models read.
func (w *warner) hidden(where, text string) {
	blank, before := 0, ' '
	for _, r := range text {
		if invisible(r) && !joinsEmoji(r, before) {
			w.add(where, fmt.Sprintf("hides the character %U", r))
			return
		}
		if before = r; !unicode.IsSpace(r) {
			blank = 0
		} else if blank++; blank > maxBlank {
			w.add(where, fmt.Sprintf("hides text behind more than %d blanks", maxBlank))
			return
		}
	}
	if strings.Contains(text, "<!--") {
		w.add(where, "hides text in an HTML comment")
	}
}

// invisible reports whether a character is invisible, or moves others. Some letters and
// marks are invisible too: Hangul fillers, the blank Braille pattern, and variation
// selectors, which can encode any text invisibly.
func invisible(r rune) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r == 0x034F, r == 0x115F, r == 0x1160, r == 0x17B4, r == 0x17B5, r >= 0x180B && r <= 0x180F, r == 0x2800, r == 0x3164, r == 0xFFA0, r >= 0xFE00 && r <= 0xFE0F:
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Zl, unicode.Zp) || r >= 0xE0000 && r <= 0xE0FFF
}

// joinsEmoji reports whether a character is part of an emoji: U+200D joins two emoji, and U+FE0F
// gives the character before it, which may be the digit of a keycap, its color form.
func joinsEmoji(r, before rune) bool {
	symbol := unicode.In(before, unicode.So, unicode.Sk, unicode.Sm, unicode.Po)
	switch r {
	case 0x200D:
		return symbol || before == 0xFE0F
	case 0xFE0F:
		return symbol || before >= '0' && before <= '9'
	}
	return false
}

// name reports a name that hides characters, or that mixes alphabets whose letters look
// alike, which lets one tool pass for another.
func (w *warner) name(where, name string) {
	w.hidden(where, name)
	found := ""
	for _, alphabet := range []struct {
		name  string
		table *unicode.RangeTable
	}{{"Latin", unicode.Latin}, {"Cyrillic", unicode.Cyrillic}, {"Greek", unicode.Greek}, {"Armenian", unicode.Armenian}, {"Cherokee", unicode.Cherokee}} {
		if !strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(alphabet.table, r) }) {
			continue
		}
		if found != "" {
			w.add(where, "mixes letters of "+found+" and "+alphabet.name+", which look alike")
			return
		}
		found = alphabet.name
	}
}
