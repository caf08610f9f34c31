package tool

import "encoding/json"

// schemaWriter writes schemas as JSON, with the members of an object in a fixed order. It
// appends to one buffer, because it runs in every cold start and must be fast.
type schemaWriter struct{ encoder }

// name begins a member of an object.
func (w *schemaWriter) name(name string) {
	if n := len(w.out); n > 0 && w.out[n-1] != '{' {
		w.out = append(w.out, ',')
	}
	w.text(name)
	w.out = append(w.out, ':')
}

// member writes a member whose value is text, unless that is empty.
func (w *schemaWriter) member(name, value string) {
	if value != "" {
		w.name(name)
		w.text(value)
	}
}

// raw writes a member whose value is JSON.
func (w *schemaWriter) raw(name string, value ...string) {
	w.name(name)
	for _, v := range value {
		w.out = append(w.out, v...)
	}
}

func (w *schemaWriter) schema(s *schema) {
	switch {
	case s.own != nil:
		w.declared(s)
		return
	case s.ref != nil && s.defs == nil:
		w.reference(s)
		return
	}
	w.out = append(w.out, '{')
	root := s
	if s.ref != nil { // the root itself is recursive
		root = s.ref
	}
	w.members(root)
	if len(s.defs) > 0 {
		w.raw("$defs", "{")
		for _, d := range s.defs {
			w.raw(d.name, "{")
			w.members(d)
			w.out = append(w.out, '}')
		}
		w.out = append(w.out, '}')
	}
	w.out = append(w.out, '}')
}

func (w *schemaWriter) members(s *schema) {
	switch {
	case s.nullable:
		w.raw("type", `["`, s.kind, `","null"]`)
	default:
		w.member("type", s.kind)
	}
	w.member("title", s.title)
	w.member("description", s.doc)
	w.member("format", s.format)
	switch {
	case s.pattern != nil:
		w.member("pattern", s.pattern.String())
	case s.form == formDuration:
		w.member("pattern", durationPattern)
	case s.form == formBytes:
		w.member("contentEncoding", "base64")
	case s.form == formQuoted:
		w.member("pattern", s.elem.quotedPattern())
	}
	w.enum(s)
	low, high := s.boundNames()
	w.bound(low, s.min)
	w.bound(high, s.max)
	if s.fallback != nil {
		w.raw("default", string(s.fallback.text))
	}
	if s.example != nil {
		w.raw("examples", "[", string(s.example.text), "]")
	}
	w.inner(s)
}

// inner writes the schema of a list's items or an object's members.
func (w *schemaWriter) inner(s *schema) {
	switch {
	case s.kind == kindArray:
		w.name("items")
		w.schema(s.elem)
	case s.kind == kindObject && s.elem != nil:
		w.name("additionalProperties")
		w.schema(s.elem)
	case s.kind == kindObject:
		w.raw("properties", "{")
		for i := range s.fields {
			w.name(s.fields[i].name)
			w.schema(s.fields[i].schema)
		}
		w.out = append(w.out, '}')
		w.required(s)
		if s.closed {
			w.raw("additionalProperties", "false")
		}
	}
}

func (w *schemaWriter) required(s *schema) {
	w.raw("required", "[")
	for i := range s.fields {
		if !s.fields[i].required {
			continue
		}
		if w.out[len(w.out)-1] != '[' {
			w.out = append(w.out, ',')
		}
		w.text(s.fields[i].name)
	}
	w.out = append(w.out, ']')
}

func (w *schemaWriter) enum(s *schema) {
	if len(s.enum) == 0 {
		return
	}
	w.raw("enum", "[")
	for i, value := range s.enum {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.text(value)
	}
	if s.nullable {
		w.out = append(w.out, ",null"...)
	}
	w.out = append(w.out, ']')
}

func (w *schemaWriter) bound(name string, b *bound) {
	if b != nil {
		w.raw(name, b.text)
	}
}

// reference writes a reference to the definition of a recursive type.
func (w *schemaWriter) reference(s *schema) {
	w.out = append(w.out, '{')
	w.member("title", s.title)
	w.member("description", s.doc)
	target := `"#/$defs/` + s.ref.name + `"`
	if s.nullable {
		w.raw("anyOf", `[{"$ref":`, target, `},{"type":"null"}]`)
	} else {
		w.raw("$ref", target)
	}
	w.out = append(w.out, '}')
}

// declared writes the schema that a type declares, and adds the field's title, description,
// default and example unless the schema has its own.
func (w *schemaWriter) declared(s *schema) {
	var members map[string]json.RawMessage
	if json.Unmarshal(s.own, &members) != nil {
		w.out = append(w.out, s.own...)
		return
	}
	w.out = append(w.out, '{')
	if members["title"] == nil {
		w.member("title", s.title)
	}
	if members["description"] == nil {
		w.member("description", s.doc)
	}
	if members["default"] == nil && s.fallback != nil {
		w.raw("default", string(s.fallback.text))
	}
	if members["examples"] == nil && s.example != nil {
		w.raw("examples", "[", string(s.example.text), "]")
	}
	for _, name := range sortedKeys(members) {
		w.raw(name, string(members[name]))
	}
	w.out = append(w.out, '}')
}
