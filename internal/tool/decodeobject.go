package tool

import "slices"

func (d *decoder) list(s *schema, at *location, raw []byte) bool {
	if s.min != nil || s.max != nil {
		if n := count(raw); !s.lengthInRange(n) {
			return false
		}
	}
	d.out = append(d.out, '[')
	i := 0
	for item := range items(raw) {
		if i > 0 {
			d.out = append(d.out, ',')
		}
		d.value(s.elem, &location{parent: at, index: i}, item)
		i++
	}
	d.out = append(d.out, ']')
	return true
}

// count returns the number of items of a list.
func count(list []byte) (n int) {
	for range items(list) {
		n++
	}
	return n
}

// object checks a struct: first its fields in their order, then unknown names.
func (d *decoder) object(s *schema, at *location, raw []byte) {
	values := make([][]byte, len(s.fields))
	var unknown []string
	for quoted, value := range members(raw) {
		name, ok := unquote(quoted)
		if !ok {
			d.problem(at, "must have names that are valid Unicode")
			continue
		}
		i := slices.IndexFunc(s.fields, func(f field) bool { return f.name == name })
		switch {
		case i < 0:
			unknown = append(unknown, name)
		case values[i] != nil:
			d.problem(&location{parent: at, name: name}, "is given twice")
		default:
			values[i] = value
		}
	}
	d.out = append(d.out, '{')
	separator := ""
	for i, f := range s.fields {
		value := d.present(f, values[i])
		fallback := value == nil && f.schema.fallback != nil
		if value == nil && !fallback {
			if f.required {
				d.problem(&location{parent: at, name: f.name}, "is missing")
			}
			continue
		}
		d.out = append(append(d.out, separator...), f.key...)
		separator = ","
		if fallback {
			d.out = append(d.out, f.schema.fallback.decoded...)
			continue
		}
		d.value(f.schema, &location{parent: at, name: f.name, optional: !f.required}, value)
	}
	d.out = append(d.out, '}')
	if len(unknown) == 0 {
		return
	}
	slices.Sort(unknown)
	known := s.known()
	for _, name := range unknown {
		d.problem(&location{parent: at, name: shorten(name), index: -1}, "is unknown%s", known)
	}
}

// present returns the field's value, or nil if it is absent or a null that counts as
// absent.
func (d *decoder) present(f field, value []byte) []byte {
	if f.required || d.strict || len(value) == 0 || value[0] != 'n' {
		return value
	}
	if f.schema.kind != "" {
		d.used |= lenientNull
	}
	return nil
}
