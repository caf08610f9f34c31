package tool

import (
	"encoding"
	"encoding/json"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Schemer is a type that describes its own JSON form. Types with a MarshalJSON or
// UnmarshalJSON method must implement it, because no schema can be derived from a
// method. JSONSchema is called once, on a zero value, and returns a JSON Schema object
// without $ref, such as {"type":"string","pattern":"^[0-9]+$"}. Values are checked by the
// type itself, and against the keyword "type" in the schema.
type Schemer interface{ JSONSchema() string }

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	numberType   = reflect.TypeFor[json.Number]()
	rawType      = reflect.TypeFor[json.RawMessage]()
	bigIntType   = reflect.TypeFor[big.Int]()
	bigFloatType = reflect.TypeFor[big.Float]()
	bigRatType   = reflect.TypeFor[big.Rat]()

	marshaler       = reflect.TypeFor[json.Marshaler]()
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// durationPattern describes the text of a time.Duration.
const durationPattern = `^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`

// known returns the schema of the types that need special treatment; nil for other types.
func known(t reflect.Type) *schema {
	switch t {
	case timeType:
		return &schema{kind: kindString, format: formatDateTime, form: formTime, typ: t}
	case durationType:
		return &schema{kind: kindString, form: formDuration, typ: t}
	case numberType:
		return &schema{kind: kindNumber, form: formNumber, typ: t}
	case rawType:
		return &schema{form: formRaw, typ: t}
	}
	if t.Kind() == reflect.Interface && t.NumMethod() == 0 {
		return &schema{form: formAny, typ: t}
	}
	return nil
}

// methods says which of encoding/json's interfaces a type implements. encoding/json calls
// methods with a pointer receiver only if the value is addressable, which every value is
// while it decodes.
type methods struct{ marshal, unmarshal, marshalText, unmarshalText bool }

func methodsOf(t reflect.Type, addressable bool) methods {
	if t.Name() == "" && t.Kind() != reflect.Struct {
		return methods{} // an unnamed type has methods only if it is a struct that embeds a type
	}
	pointer := reflect.PointerTo(t)
	has := func(i reflect.Type) bool { return t.Implements(i) || addressable && pointer.Implements(i) }
	return methods{
		marshal:       has(marshaler),
		marshalText:   has(textMarshaler),
		unmarshal:     pointer.Implements(unmarshaler),
		unmarshalText: pointer.Implements(textUnmarshaler),
	}
}

// custom returns the schema of a type with marshaling methods; nil for a type
// without. It follows encoding/json: the JSON methods come before the text
// methods, and only the methods for the schema's direction (decoding or encoding) are
// used.
func (b *builder) custom(t reflect.Type, where string, addressable bool) *schema {
	m := methodsOf(t, addressable)
	own, text := m.marshal, m.marshalText
	if b.input {
		own, text = m.unmarshal, m.unmarshalText
	}
	s := &schema{kind: kindString, form: formText, typ: t}
	if b.input && (t == bigFloatType || t == bigRatType) {
		s.max = newBound(strconv.Itoa(maxBigDigits))
	}
	if inner := formOfEmbedded(t); inner != "" && hasNamedField(t) {
		b.problem(where, "type %s embeds %s, whose JSON form it takes over, so that its other fields are lost; name that field", t, inner)
		return s
	}
	switch {
	case t == bigIntType && own:
		return &schema{kind: kindInteger, form: formNumber, typ: t}
	case own && reflect.PointerTo(t).Implements(reflect.TypeFor[Schemer]()):
		return b.schemer(t, where)
	case own && text && jsonIsText(t):
		return s
	case own, b.input && m.marshal:
		b.problem(where, "type %s has a JSON form of its own, from which no schema can be derived; "+
			"add a method JSONSchema() string, use another type, or make the tool with tool.Raw", t)
		return s
	case text:
		return s
	case b.input && m.marshalText:
		b.problem(where, "type %s has MarshalText but not UnmarshalText, so it can be written but not read; add UnmarshalText, or use another type", t)
		return s
	case !b.input && !addressable && methodsOf(t, true) != m:
		b.problem(where, "type %s has its marshaling method on the pointer, and a map's values have no address; use map[…]*%s", t, t.Name())
		return s
	}
	return nil
}

// formOfEmbedded returns the embedded type from which a struct may get its marshaling
// methods; "" if there is none. It cannot tell whether the struct has methods of its own,
// but naming the embedded field helps in both cases.
func formOfEmbedded(t reflect.Type) string {
	if t.Kind() != reflect.Struct || methodsOf(t, true) == (methods{}) {
		return ""
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && methodsOf(f.Type, true) != (methods{}) {
			return f.Type.String()
		}
	}
	return ""
}

// hasNamedField reports whether a struct has a field, other than an embedded one, with a
// name in its json tag.
func hasNamedField(t reflect.Type) bool {
	for i := range t.NumField() {
		f := t.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); !f.Anonymous && name != "" && name != "-" {
			return true
		}
	}
	return false
}

// jsonIsText reports whether MarshalJSON returns the text of MarshalText as a JSON string.
// That is so for nearly all types with both methods. It compares both for the zero value.
func jsonIsText(t reflect.Type) bool {
	defer func() { _ = recover() }() // false if a method panics on the zero value
	value := reflect.New(t).Interface()
	text, textErr := value.(encoding.TextMarshaler).MarshalText()
	form, err := json.Marshal(value)
	var decoded string
	return err == nil && textErr == nil && json.Unmarshal(form, &decoded) == nil && decoded == string(text)
}

// schemer returns the schema that a [Schemer] declares.
func (b *builder) schemer(t reflect.Type, where string) *schema {
	s := &schema{form: formSchemer, typ: t}
	text, ok := declaredSchema(t)
	if !ok {
		b.problem(where, "JSONSchema of type %s panics on a zero value", t)
		return s
	}
	var keywords struct {
		Type any `json:"type"`
	}
	if trimmed := trim([]byte(text)); json.Unmarshal(trimmed, &keywords) != nil || trimmed[0] != '{' {
		b.problem(where, "JSONSchema of type %s does not return a JSON object", t)
		return s
	}
	s.own = json.RawMessage(text)
	s.kind, _ = keywords.Type.(string)
	return s
}

func declaredSchema(t reflect.Type) (text string, ok bool) {
	defer func() { _ = recover() }()
	schemer, _ := reflect.New(t).Interface().(Schemer) // the caller has checked it
	return schemer.JSONSchema(), true
}
