package tool

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// compare returns how the written value differs from the value that was sent, or "". It
// does not use the code that decodes arguments.
func compare(s *schema, sent, written []byte) string {
	if s.form == formRaw {
		return differ(!bytes.Equal(sent, written), sent, written)
	}
	switch {
	case sent[0] == '{':
		return compareObjects(s, sent, written)
	case sent[0] == '[':
		var a, b []json.RawMessage
		if json.Unmarshal(sent, &a) != nil || json.Unmarshal(written, &b) != nil || len(a) != len(b) {
			return differ(true, sent, written)
		}
		for i := range a {
			elem := s.elem
			if elem == nil {
				elem = &schema{form: formAny}
			}
			if difference := compare(elem, a[i], b[i]); difference != "" {
				return difference
			}
		}
		return ""
	case sent[0] == '"':
		return compareText(s, sent, written)
	case sent[0] == '-' || sent[0] >= '0' && sent[0] <= '9':
		return differ(!sameNumber(s, string(sent), string(written)), sent, written)
	}
	return differ(!bytes.Equal(sent, written), sent, written)
}

func differ(different bool, sent, written []byte) string {
	if different {
		return fmt.Sprintf("%s became %s", sent, written)
	}
	return ""
}

// compareObjects ignores members of the result that are not in the arguments:
// they are defaults.
func compareObjects(s *schema, sent, written []byte) string {
	var a, b map[string]json.RawMessage
	if json.Unmarshal(sent, &a) != nil || json.Unmarshal(written, &b) != nil {
		return differ(true, sent, written)
	}
	for name, value := range a {
		member := s.elem
		for _, f := range s.fields {
			if f.name == name {
				member = f.schema
			}
		}
		if member == nil {
			member = &schema{form: formAny}
		}
		if b[name] == nil {
			if s.elem != nil || !zero(member, value) {
				return name + " is lost"
			}
			continue
		}
		if difference := compare(member, value, b[name]); difference != "" {
			return name + ": " + difference
		}
	}
	if (s.elem != nil || s.form == formAny) && len(a) != len(b) {
		return "members were added"
	}
	return ""
}

// zero reports whether omitempty leaves the value out.
func zero(s *schema, value []byte) bool {
	switch string(bytes.TrimSpace(value)) {
	case `""`, "false", "null":
		return true
	}
	switch value[0] {
	case '[', '{':
		var list []json.RawMessage
		var object map[string]json.RawMessage
		return json.Unmarshal(value, &list) == nil && len(list) == 0 || json.Unmarshal(value, &object) == nil && len(object) == 0
	case '"':
		if s.form == formDuration {
			var text string
			_ = json.Unmarshal(value, &text)
			d, err := time.ParseDuration(text)
			return err == nil && d == 0
		}
		if s.form == formQuoted {
			var text string
			_ = json.Unmarshal(value, &text)
			return text == "false" || s.elem.kind != kindBoolean && sameNumber(s.elem, text, "0")
		}
		return false
	}
	return value[0] != 't' && sameNumber(s, string(value), "0")
}

func compareText(s *schema, sent, written []byte) string {
	var a, b string
	if json.Unmarshal(sent, &a) != nil || json.Unmarshal(written, &b) != nil {
		return differ(true, sent, written)
	}
	same := a == b
	switch s.form {
	case formText: // the type decides which texts are equal
		same = canonical(s.typ, a) == b
	case formTime:
		at, err := time.Parse(time.RFC3339Nano, a)
		again, errAgain := time.Parse(time.RFC3339Nano, b)
		same = err == nil && errAgain == nil && at.Equal(again)
	case formQuoted:
		same = same || s.elem.kind == kindNumber && sameNumber(s.elem, a, b)
	case formDuration:
		same = exactDuration(a).Cmp(exactDuration(b)) == 0
	case formBytes:
		x, err := base64.StdEncoding.DecodeString(a)
		y, errAgain := base64.StdEncoding.DecodeString(b)
		same = err == nil && errAgain == nil && bytes.Equal(x, y)
	}
	return differ(!same, sent, written)
}

// exactDuration adds up the parts of a duration without rounding.
func exactDuration(text string) *big.Rat {
	total, negative := new(big.Rat), strings.HasPrefix(text, "-")
	text = strings.TrimLeft(text, "+-")
	for text != "" && text != "0" {
		i := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		j := strings.IndexFunc(text[i:], func(r rune) bool { return r == '.' || r >= '0' && r <= '9' })
		if j < 0 {
			j = len(text) - i
		}
		unit, _ := time.ParseDuration("1" + text[i:i+j])
		amount, _ := new(big.Rat).SetString(text[:i])
		total.Add(total, amount.Mul(amount, new(big.Rat).SetInt64(int64(unit))))
		text = text[i+j:]
	}
	if negative {
		total.Neg(total)
	}
	return total
}

// sameNumber reports whether two numbers are equal; one with a fraction may have
// been rounded to the nearest float, but not to a whole number.
func sameNumber(s *schema, sent, written string) bool {
	if strings.ContainsAny(sent, "eE") { // keep the test's own arithmetic small
		if e, err := strconv.Atoi(sent[strings.IndexAny(sent, "eE")+1:]); err != nil || e > 1000 || e < -1000 {
			var mantissa big.Rat
			_, ok := mantissa.SetString(sent[:strings.IndexAny(sent, "eE")])
			return ok && mantissa.Sign() == 0
		}
	}
	a, _ := new(big.Rat).SetString(sent)
	b, _ := new(big.Rat).SetString(written)
	if a.Cmp(b) == 0 {
		return true
	}
	bits := 64
	if s.typ != nil && s.kind == kindNumber && s.form == formPlain {
		bits = s.typ.Bits()
	} else if s.form != formAny {
		return false
	}
	f, err := strconv.ParseFloat(sent, bits)
	g, _ := strconv.ParseFloat(written, bits)
	return err == nil && f == g && !a.IsInt() && !b.IsInt()
}
