package tool

import (
	"cmp"
	"strconv"
	"strings"
)

// decimal is a JSON number as it was written: 0.digits × 10^exponent. Numbers
// are checked and compared in this form, because a float64 rounds whole numbers
// over 2^53.
type decimal struct {
	negative bool
	digits   string // without leading and trailing zeros; empty for 0
	exponent int
}

// maxExponent bounds exponents; a number beyond it fits no Go type.
const maxExponent = 1 << 30

// parseDecimal reads a valid JSON number.
func parseDecimal(text string) decimal {
	var d decimal
	text, d.negative = strings.CutPrefix(text, "-")
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		d.exponent = exponent(text[at+1:])
		text = text[:at]
	}
	whole, fraction, _ := strings.Cut(text, ".")
	d.exponent += len(whole)
	all := whole + fraction
	trimmed := strings.TrimLeft(all, "0")
	d.exponent -= len(all) - len(trimmed)
	d.digits = strings.TrimRight(trimmed, "0")
	if d.digits == "" {
		return decimal{}
	}
	return d
}

// exponent reads the exponent of a number. It limits the exponent to maxExponent, because
// no type holds a larger number anyway.
func exponent(text string) int {
	e, err := strconv.Atoi(text)
	switch {
	case err == nil:
		return max(-maxExponent, min(e, maxExponent))
	case strings.HasPrefix(text, "-"):
		return -maxExponent
	default:
		return maxExponent
	}
}

// whole reports whether the number has no fraction. 3.0 and 3e2 have none.
func (d decimal) whole() bool { return d.digits == "" || len(d.digits) <= d.exponent }

// integer returns the digits of a whole number, without a fraction or exponent;
// ok is false for other numbers and for those that no integer type holds.
func (d decimal) integer() (text string, ok bool) {
	const most = 20 // digits of the largest uint64
	switch {
	case d.digits == "":
		return "0", true
	case !d.whole(), d.exponent > most:
		return "", false
	}
	return d.sign() + d.digits + strings.Repeat("0", d.exponent-len(d.digits)), true
}

func (d decimal) sign() string {
	if d.negative {
		return "-"
	}
	return ""
}

// compare returns -1, 0 or 1, as d is less than, equal to or greater than other.
func (d decimal) compare(other decimal) int {
	order := cmp.Compare(d.signum(), other.signum())
	if order != 0 || d.digits == "" {
		return order
	}
	order = cmp.Or(cmp.Compare(d.exponent, other.exponent), strings.Compare(d.digits, other.digits))
	if d.negative {
		return -order
	}
	return order
}

func (d decimal) signum() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	default:
		return 1
	}
}

// float reports whether a float of the given size can represent the number: a whole
// number must be exact; any other may be rounded, but not to a whole number. text is the
// number as it was written.
func (d decimal) float(text string, bits int) bool {
	f, err := strconv.ParseFloat(text, bits)
	if err != nil {
		return false // too large
	}
	held := parseDecimal(strconv.FormatFloat(f, 'e', -1, bits))
	if d.whole() || held.whole() {
		return d.compare(held) == 0
	}
	return true
}
