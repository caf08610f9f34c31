package tool

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// accepts reports whether the text is a valid value of a string schema.
func (s *schema) accepts(text string) bool {
	return (len(s.enum) == 0 || slices.Contains(s.enum, text)) && s.fits(text)
}

// fits is [schema.accepts] without the enum.
func (s *schema) fits(text string) bool {
	if s.min != nil || s.max != nil {
		if !s.lengthInRange(utf8.RuneCountInString(text)) {
			return false
		}
	}
	return (s.format == "" || hasFormat(s.format, text)) && (s.pattern == nil || s.pattern.MatchString(text))
}

func (s *schema) lengthInRange(n int) bool {
	return (s.min == nil || n >= s.min.length) && (s.max == nil || n <= s.max.length)
}

func (s *schema) inRange(d decimal) bool {
	return (s.min == nil || d.compare(s.min.decimal) >= 0) && (s.max == nil || d.compare(s.max.decimal) <= 0)
}

// number returns the number in the form that encoding/json decodes. ok is false if it is
// out of range or the type cannot represent it exactly.
func (s *schema) number(text string) (decoded string, ok bool) {
	d := parseDecimal(text)
	switch {
	case !s.inRange(d):
		return "", false
	case s.kind == kindNumber && s.form == formNumber:
		return text, true
	case s.kind == kindNumber:
		return text, d.float(text, s.typ.Bits())
	case s.form == formNumber:
		return d.bigInteger()
	}
	decoded, ok = d.integer()
	return decoded, ok && holds(s.typ, decoded)
}

// maxBigDigits limits the digits of a big.Int: the time to parse one grows with the
// square of its length.
const maxBigDigits = 1000

// bigInteger returns the digits of a whole number for big.Int.
func (d decimal) bigInteger() (text string, ok bool) {
	if d.digits == "" {
		return "0", true
	}
	if !d.whole() || d.exponent > maxBigDigits {
		return "", false
	}
	return d.sign() + d.digits + strings.Repeat("0", d.exponent-len(d.digits)), true
}

// holds reports whether the integer type can represent the value.
func holds(t reflect.Type, text string) bool {
	var err error
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		_, err = strconv.ParseInt(text, 10, t.Bits())
	default:
		_, err = strconv.ParseUint(text, 10, t.Bits())
	}
	return err == nil
}

// unmarshalsText reports whether the type's UnmarshalText accepts the text.
func unmarshalsText(t reflect.Type, text string) bool {
	if t == bigRatType && hasLargeExponent(text) {
		return false
	}
	value := reflect.New(t).Interface()
	if u, ok := value.(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text)) == nil
	}
	return true
}

// hasLargeExponent reports whether a number in text has an exponent of five digits or more.
// A big.Rat has as many digits as its exponent says: to parse 1e999999 takes 20 ms or more,
// and a message may have many such numbers.
func hasLargeExponent(text string) bool {
	marks := "eEpP"
	if strings.ContainsAny(text, "xX") {
		marks = "pP" // e is a digit
	}
	i := strings.LastIndexAny(text, marks)
	return i >= 0 && len(strings.TrimLeft(text[i+1:], "+-0_")) > 4
}

// unmarshalsJSON reports whether the type's UnmarshalJSON accepts the value.
func unmarshalsJSON(t reflect.Type, value []byte) bool {
	return json.Unmarshal(value, reflect.New(t).Interface()) == nil
}

// canonical returns the text as the type marshals it, to recognize two spellings of one
// key.
func canonical(t reflect.Type, text string) string {
	value := reflect.New(t)
	u, ok := value.Interface().(encoding.TextUnmarshaler)
	if !ok || u.UnmarshalText([]byte(text)) != nil {
		return text
	}
	m, ok := value.Interface().(encoding.TextMarshaler)
	if !ok {
		return text
	}
	if written, err := m.MarshalText(); err == nil {
		return string(written)
	}
	return text
}
