package tool

import (
	"net/url"
	"reflect"
	"strings"
	"time"
)

// The formats of strings that can be declared, as JSON Schema 2020-12 names them.
// Each is checked at least as strictly as by ajv-formats, with which the
// TypeScript client checks results.
const (
	formatDate     = "date"
	formatDateTime = "date-time"
	formatEmail    = "email"
	formatURI      = "uri"
	formatUUID     = "uuid"
)

// format reads the tags format and pattern.
func (b *builder) format(tag reflect.StructTag, s *schema, where string) {
	target := s
	if s.kind == kindArray {
		target = s.elem // as for enum
	}
	text, hasFormat := tag.Lookup("format")
	pattern, hasPattern := tag.Lookup("pattern")
	if !hasFormat && !hasPattern {
		return
	}
	if target.kind != kindString || target.form != formPlain && target.form != formText {
		b.problem(where, "format and pattern are for strings")
		return
	}
	if hasFormat {
		switch text {
		case formatDate, formatDateTime, formatEmail, formatURI, formatUUID:
			target.format = text
		default:
			b.problem(where, "format %q is unknown; there are date, date-time, email, uri and uuid", text)
		}
	}
	if hasPattern {
		target.pattern = b.pattern(pattern, where)
	}
}

// hasFormat reports whether the text has the format.
func hasFormat(format, text string) bool {
	switch format {
	case formatDate:
		_, err := time.Parse(time.DateOnly, text)
		return err == nil
	case formatDateTime:
		return isDateTime(text)
	case formatEmail:
		return isEmail(text)
	case formatURI:
		return isURI(text)
	default: // formatUUID
		return isUUID(text)
	}
}

// isDateTime reports whether the text is a time of RFC 3339 that a time.Time holds
// exactly, that is, with at most nine digits in the fraction of a second. It is stricter
// than time.Time.UnmarshalText, which also accepts T1:00:00, a comma before the fraction
// and an offset of 24 hours (https://go.dev/issue/54580).
func isDateTime(text string) bool {
	const seconds = len("2006-01-02T15:04:05")
	var t time.Time
	if len(text) <= seconds || text[seconds-len(":05")] != ':' || t.UnmarshalText([]byte(text)) != nil {
		return false
	}
	rest := text[seconds:]
	if fraction, ok := strings.CutPrefix(rest, "."); ok {
		rest = strings.TrimLeft(fraction, digits)
		if n := len(fraction) - len(rest); n == 0 || n > 9 {
			return false
		}
	}
	return rest == "Z" || len(rest) == len("+07:00") && rest[0] != ',' && rest[1:3] < "24" && rest[4:] < "60"
}

// isEmail accepts dot-separated atoms, @, and a domain of at least two labels.
func isEmail(text string) bool {
	local, domain, ok := strings.Cut(text, "@")
	if !ok || len(local) > 64 || len(domain) > 255 || !strings.Contains(domain, ".") {
		return false
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" || strings.Trim(atom, letters+digits+"!#$%&'*+/=?^_`{|}~-") != "" {
			return false
		}
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, letters+digits+"-") != "" || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
)

// isURI accepts an absolute URI of RFC 3986, in ASCII.
func isURI(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || strings.Trim(text, letters+digits+"-._~:/?#[]@!$&'()*+,;=%") != "" {
		return false
	}
	if strings.ContainsAny(u.EscapedPath()+u.RawQuery+u.EscapedFragment()+u.Opaque, "[]") || strings.Count(text, "#") > 1 {
		return false
	}
	for _, part := range strings.Split(text, "%")[1:] { // url.Parse checks paths only
		if len(part) < 2 || strings.Trim(part[:2], digits+"abcdefABCDEF") != "" {
			return false
		}
	}
	return true
}

// isUUID accepts the 36 characters of RFC 9562, in either case.
func isUUID(text string) bool {
	groups := strings.Split(text, "-")
	for i, length := range []int{8, 4, 4, 4, 12} {
		if i >= len(groups) || len(groups[i]) != length || strings.Trim(groups[i], digits+"abcdefABCDEF") != "" {
			return false
		}
	}
	return len(groups) == 5
}
