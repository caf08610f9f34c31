package tool

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// entry is a member of a map.
type entry struct {
	name   string
	quoted []byte
	value  []byte
}

// dictionary checks a map, sorted by its keys.
func (d *decoder) dictionary(s *schema, at *location, raw []byte) {
	var entries []entry
	for quoted, value := range members(raw) {
		name, ok := unquote(quoted)
		if !ok {
			d.problem(at, "has a key that is not valid Unicode")
			return
		}
		entries = append(entries, entry{name, quoted, value})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	seen := make(map[string]bool, len(entries))
	d.out = append(d.out, '{')
	for i, e := range entries {
		here := &location{parent: at, name: shorten(e.name), index: -1}
		key, ok := s.key.mapKey(e.name)
		if s.key.form == formDuration {
			e.quoted = []byte(strconv.Quote(key))
		}
		switch {
		case !ok:
			d.problem(here, "has a key that must be %s", s.key.describeKey(e))
		case seen[key]:
			d.problem(here, "is given twice")
		}
		seen[key] = true
		if i > 0 { // if there is a problem, out is not used
			d.out = append(d.out, ',')
		}
		d.out = append(append(d.out, e.quoted...), ':')
		d.value(s.elem, here, e.value)
	}
	d.out = append(d.out, '}')
}

// describeKey completes "has a key that must be …".
func (s *schema) describeKey(e entry) string {
	if s.kind == kindInteger && isNumber(e.name) && shortestInteger(e.name) {
		return s.describe([]byte(e.name))
	}
	return s.describe(e.quoted)
}

// mapKey returns the key in its canonical form; ok is false if the key is invalid.
func (s *schema) mapKey(name string) (key string, ok bool) {
	switch {
	case s.form == formText:
		return canonical(s.typ, name), unmarshalsText(s.typ, name)
	case s.form == formDuration:
		d, ok := duration(name)
		return strconv.FormatInt(int64(d), 10), ok
	case s.kind == kindInteger:
		return name, holds(s.typ, name) && shortestInteger(name)
	}
	return name, true
}

// shortestInteger reports whether the text of an integer is in the form that encoding/json
// writes.
func shortestInteger(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	return text == "0" || digits != "" && digits[0] != '0' && digits[0] != '+'
}

// open checks a value that may be anything: a float64 must hold each number exactly,
// because encoding/json decodes them as float64, and no name may be repeated.
func (d *decoder) open(at *location, raw []byte) {
	o := openValue{text: raw}
	o.value(0)
	if o.problem != "" {
		d.problem(at, "%s", o.problem)
	}
	d.out = append(d.out, raw...)
}

// openValue scans a value once, however deep it nests.
type openValue struct {
	text    []byte
	problem string // the first
}

// value scans the value that begins at at, and returns the position after it.
func (o *openValue) value(at int) int {
	switch o.text[at] {
	case '{':
		return o.object(at)
	case '[':
		for at = space(o.text, at+1); o.text[at] != ']'; {
			if at = space(o.text, o.value(at)); o.text[at] == ',' {
				at = space(o.text, at+1)
			}
		}
		return at + 1
	case '"':
		end := skipString(o.text, at)
		o.string(o.text[at:end])
		return end
	}
	end := skip(o.text, at)
	number := string(o.text[at:end])
	if kindOf(o.text[at:end]) == kindNumber && !parseDecimal(number).float(number, 64) {
		o.report("holds the number " + shorten(number) + ", which a 64-bit float does not hold exactly")
	}
	return end
}

func (o *openValue) object(at int) int {
	seen := map[string]bool{}
	for at = space(o.text, at+1); o.text[at] != '}'; {
		end := skipString(o.text, at)
		name := o.string(o.text[at:end])
		if seen[name] {
			o.report("holds an object in which " + strconv.Quote(shorten(name)) + " is given twice")
		}
		seen[name] = true
		at = space(o.text, space(o.text, end)+1)
		if at = space(o.text, o.value(at)); o.text[at] == ',' {
			at = space(o.text, at+1)
		}
	}
	return at + 1
}

func (o *openValue) string(quoted []byte) string {
	text, ok := unquote(quoted)
	if !ok {
		o.report("holds text that is not valid Unicode")
	}
	return text
}

func (o *openValue) report(problem string) {
	if o.problem == "" {
		o.problem = problem
	}
}

// assignStrings decodes arguments that are sent as text only, such as those of a
// prompt.
func assignStrings[V any](s *schema, values map[string]V, dst reflect.Value) (problems string, err error) {
	text, err := json.Marshal(values)
	if err != nil {
		return "", err
	}
	problems, _, err = decode(s, text, true, dst)
	return problems, err
}
