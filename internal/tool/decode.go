package tool

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// maxProblems limits the length of a tool error: of ten thousand invalid items, the first
// few are enough.
const maxProblems = 20

// decoder checks JSON arguments and collects all problems, so that a model can correct
// the call in one step. It rewrites the arguments, with defaults, in the form that
// encoding/json expects, and encoding/json then decodes them.
type decoder struct {
	strict   bool // no leniency
	out      []byte
	problems []string
	more     int // problems over maxProblems
	used     leniency
}

// decode decodes the arguments into dst. It returns their problems as a text for the
// model, or "", and the leniency that was used.
func decode(s *schema, arguments []byte, strict bool, dst reflect.Value) (problems string, used leniency, err error) {
	arguments = bytes.TrimSpace(arguments)
	switch {
	case len(arguments) == 0, string(arguments) == "null":
		arguments = []byte("{}")
	case !json.Valid(arguments):
		return "the arguments are not valid JSON", 0, nil
	}
	d := decoder{strict: strict, out: make([]byte, 0, len(arguments)+64)}
	d.value(s, &location{}, arguments)
	if d.more > 0 {
		d.problems = append(d.problems, fmt.Sprintf("and %d more", d.more))
	}
	if len(d.problems) > 0 {
		return strings.Join(d.problems, "; "), d.used, nil
	}
	if err := json.Unmarshal(d.out, dst.Addr().Interface()); err != nil {
		return "", d.used, errDecode
	}
	return "", d.used, nil
}

// errDecode does not wrap encoding/json's error, which may hold an argument.
var errDecode = fmt.Errorf("decode the arguments: the type rejects a value that its own check accepted")

// value checks the value at a location and writes it to out.
func (d *decoder) value(s *schema, at *location, raw []byte) {
	switch {
	case s.form == formAny:
		d.open(at, raw)
	case s.form == formRaw:
		d.out = append(d.out, raw...)
	case kindOf(raw) == s.kind || s.kind == kindInteger && kindOf(raw) == kindNumber || s.kind == "":
		d.matching(s, at, raw)
	case !d.strict && raw[0] == '"' && s.kind != kindString && d.text(s, at, raw):
	default:
		d.mismatch(s, at, raw)
	}
}

// matching checks a value of the right kind.
func (d *decoder) matching(s *schema, at *location, raw []byte) {
	ok := true
	switch {
	case s.form == formSchemer:
		if ok = unmarshalsJSON(s.typ, raw); ok {
			d.out = append(d.out, raw...)
		}
	case s.kind == kindObject && s.elem != nil:
		d.dictionary(s, at, raw)
	case s.kind == kindObject:
		d.object(s, at, raw)
	case s.kind == kindArray:
		ok = d.list(s, at, raw)
	case s.kind == kindString:
		ok = d.string(s, raw)
	case s.kind == kindBoolean:
		d.out = append(d.out, raw...)
	default:
		var decoded string
		decoded, ok = s.number(string(raw))
		d.out = append(d.out, decoded...)
	}
	if !ok {
		d.mismatch(s, at, raw)
	}
}

// kindOf returns the kind of a JSON value; "" for null.
func kindOf(raw []byte) string {
	switch raw[0] {
	case '{':
		return kindObject
	case '[':
		return kindArray
	case '"':
		return kindString
	case 't', 'f':
		return kindBoolean
	case 'n':
		return "null"
	default:
		return kindNumber
	}
}

func (d *decoder) mismatch(s *schema, at *location, raw []byte) {
	described := raw
	if !d.strict && kindOf(raw) == kindString && (s.kind == kindNumber || s.kind == kindInteger) {
		if text, ok := unquote(raw); ok && isNumber(strings.TrimSpace(text)) {
			described = []byte(strings.TrimSpace(text)) // the number in the text
		}
	}
	d.problem(at, "must be %s%s, got %s", s.describe(described), at.optionally(), got(raw))
}

func (d *decoder) problem(at *location, format string, args ...any) {
	if len(d.problems) == maxProblems {
		d.more++
		return
	}
	d.problems = append(d.problems, at.String()+" "+fmt.Sprintf(format, args...))
}

func (d *decoder) string(s *schema, raw []byte) bool {
	if s.form == formPlain && !s.constrained() { // any text is valid: do not copy it
		d.out = append(d.out, raw...)
		return isUnicode(raw)
	}
	text, ok := unquote(raw)
	if !ok || !s.accepts(text) {
		return false
	}
	switch s.form {
	case formText:
		ok = unmarshalsText(s.typ, text)
	case formBytes:
		_, err := base64.StdEncoding.Strict().DecodeString(text)
		ok = err == nil
	case formQuoted:
		decoded, ok := s.elem.inQuotes(text)
		d.out = append(append(append(d.out, '"'), decoded...), '"')
		return ok
	case formDuration:
		var nanoseconds time.Duration
		nanoseconds, ok = duration(text)
		d.out = strconv.AppendInt(d.out, int64(nanoseconds), 10)
		return ok
	}
	d.out = append(d.out, raw...)
	return ok
}
