package tool

import (
	"encoding/json"
	"reflect"
	"regexp"
)

// The kinds of value that a schema describes, as JSON Schema names them. The
// zero kind stands for any JSON value.
const (
	kindObject  = "object"
	kindArray   = "array"
	kindString  = "string"
	kindInteger = "integer"
	kindNumber  = "number"
	kindBoolean = "boolean"
)

// form distinguishes Go types with the same kind of JSON value.
type form int

const (
	formPlain    form = iota // no special form: the kind is enough
	formAny                  // any: every value, with numbers as float64
	formRaw                  // json.RawMessage: every value, as it was sent
	formText                 // MarshalText and UnmarshalText
	formTime                 // time.Time
	formDuration             // time.Duration, as text such as 1h30m
	formBytes                // []byte, as base64
	formNumber               // json.Number and big.Int: numbers of every size
	formSchemer              // a type with a JSONSchema method
	formQuoted               // a number or boolean as text: json:"id,string"
)

// schema is the part of JSON Schema 2020-12 that Go types with tags can express.
// It is made once, by [builder.schemaOf], and has three users: the client (as JSON),
// [decoder] (which checks arguments) and [encoder] (which checks and writes results). With
// a schema library we would still need the tags, the texts for models and the encoder.
type schema struct {
	kind     string
	form     form
	typ      reflect.Type // without pointers
	nullable bool         // a result may be null here
	closed   bool         // an object that allows no other properties

	doc      string
	title    string // for people
	format   string
	pattern  *regexp.Regexp
	enum     []string // for strings
	min, max *bound   // of the number, of the length of a string, or of a list's items
	fallback *given   // the value of an absent argument
	example  *given

	fields []field         // of an object, if it is a struct
	elem   *schema         // of a list's items, a map's values, or the value in quotes
	key    *schema         // of a map
	ref    *schema         // a recursive type, which is defined once
	name   string          // of a recursive type, in $defs
	defs   []*schema       // at the root: the recursive types
	own    json.RawMessage // the type's own schema
}

// bound is a limit, exactly as it was declared.
type bound struct {
	decimal
	text   string // a JSON number
	length int    // the same for lengths, which are small
}

// given is a value from a tag.
type given struct {
	text    json.RawMessage // as the schema shows it
	decoded []byte          // in the form that encoding/json decodes
}

// field is one property of an object, in the order of the struct.
type field struct {
	name      string
	key       []byte // the name in quotes, with a colon
	index     []int  // as for reflect.Value.FieldByIndex
	required  bool
	omitEmpty bool
	omitZero  bool
	schema    *schema
}

// constrained reports whether a value of the right type can still be invalid.
func (s *schema) constrained() bool {
	return s.enum != nil || s.min != nil || s.max != nil || s.pattern != nil || s.format != "" && s.form != formTime
}

// MarshalJSON writes the schema with its properties in the order of the struct, because
// models provide the values in that order.
func (s *schema) MarshalJSON() ([]byte, error) {
	var w schemaWriter
	w.schema(s)
	return w.out, nil
}

// boundNames returns the keywords that min and max stand for.
func (s *schema) boundNames() (low, high string) {
	switch s.kind {
	case kindString:
		return "minLength", "maxLength"
	case kindArray:
		return "minItems", "maxItems"
	default:
		return "minimum", "maximum"
	}
}
