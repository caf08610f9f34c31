package tool

import (
	"fmt"
	"math"
	"strconv"
)

// numberRange describes the range of a number. If raw is within the declared range, it was
// rejected because of the range of its type, which numberRange then describes.
func (s *schema) numberRange(raw []byte) string {
	if kindOf(raw) != kindNumber || s.form != formPlain || !s.inRange(parseDecimal(string(raw))) {
		return s.span()
	}
	d := parseDecimal(string(raw))
	if s.kind == kindInteger {
		if !d.whole() {
			return s.span()
		}
		lowest, highest := typeRange(s.typ)
		return " from " + bounds(s.min, lowest) + " to " + bounds(s.max, highest)
	}
	bits := s.typ.Bits()
	nearest, err := strconv.ParseFloat(string(raw), bits)
	if err == nil {
		return fmt.Sprintf("%s that a %d-bit float holds exactly (the nearest is %s)", s.span(), bits, strconv.FormatFloat(nearest, 'f', -1, bits))
	}
	most := math.MaxFloat64
	if bits == 32 {
		most = math.MaxFloat32
	}
	limit := strconv.FormatFloat(most, 'g', -1, bits)
	return " from " + bounds(s.min, "-"+limit) + " to " + bounds(s.max, limit)
}

func bounds(declared *bound, own string) string {
	if declared != nil {
		return declared.text
	}
	return own
}

// span returns the declared range of a number, such as " from 1 to 7".
func (s *schema) span() string {
	switch {
	case s.min != nil && s.max != nil:
		return fmt.Sprintf(" from %s to %s", s.min.text, s.max.text)
	case s.min != nil:
		return " of at least " + s.min.text
	case s.max != nil:
		return " of at most " + s.max.text
	}
	return ""
}

// count returns how many items or characters are allowed, such as " of 1 to 20
// characters".
func (s *schema) count(thing string) string {
	switch {
	case s.min != nil && s.max != nil && s.min.text == s.max.text:
		return fmt.Sprintf(" of %s %s(s)", s.min.text, thing)
	case s.min != nil && s.max != nil:
		return fmt.Sprintf(" of %s to %s %ss", s.min.text, s.max.text, thing)
	case s.min != nil:
		return fmt.Sprintf(" of at least %s %s(s)", s.min.text, thing)
	case s.max != nil:
		return fmt.Sprintf(" of at most %s %s(s)", s.max.text, thing)
	}
	return ""
}
