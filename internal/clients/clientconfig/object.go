package clientconfig

import (
	"bytes"
	"encoding/json"
)

// An Object is a JSON object (a table in TOML, a mapping in YAML) whose members keep their
// order, so that files look as in the client's documentation. Values are strings, bools,
// []string, []Object and Objects.
type Object []Member

// A Member is one key of an [Object].
type Member struct {
	Name  string
	Value any
}

// MarshalJSON writes the members in their order, and does not escape <, > and &.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, _ := plainJSON(m.Name) // a string never fails
		value, err := plainJSON(m.Value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	return append(append([]byte{'{'}, b.Bytes()...), '}'), nil
}

// plainJSON is like json.Marshal, without the escapes for HTML.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// Indented returns the object as JSON with two spaces a level and a final newline.
func (o Object) Indented() string {
	flat, err := plainJSON(o)
	if err != nil {
		panic(err) // an Object contains only strings, bools, lists and Objects
	}
	var b bytes.Buffer
	if err := json.Indent(&b, flat, "", "  "); err != nil {
		panic(err) // plainJSON returns valid JSON
	}
	return b.String() + "\n"
}
