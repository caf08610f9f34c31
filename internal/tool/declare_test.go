package tool

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

type recursive struct {
	Children []recursive `json:"children" doc:"x"`
}

type stamped struct{ At time.Time }

func (stamped) MarshalJSON() ([]byte, error) { return []byte(`"x"`), nil }

// level is an enum that can only be written, as in many Go programs.
type level int

func (l level) MarshalText() ([]byte, error) { return []byte("high"), nil }

type pointerText struct{ N int }

func (*pointerText) MarshalText() ([]byte, error) { return []byte("text"), nil }

type (
	PlaceA place
	PlaceB place
)

type badSchemer struct{}

func (badSchemer) JSONSchema() string           { return `"string"` }
func (badSchemer) MarshalJSON() ([]byte, error) { return []byte(`"x"`), nil }
func (*badSchemer) UnmarshalJSON([]byte) error  { return nil }

// schemer describes itself as a number.
type schemer struct{ text string }

func (schemer) JSONSchema() string             { return `{"type":"number","multipleOf":0.01}` }
func (s schemer) MarshalJSON() ([]byte, error) { return []byte(s.text), nil }
func (s *schemer) UnmarshalJSON(data []byte) error {
	s.text = string(data)
	if s.text == "13" {
		return errors.New("unlucky")
	}
	return nil
}

// nullSchemer, panicSchemer and writtenSchemer describe themselves, but not usably.
type (
	nullSchemer    struct{ badSchemer }
	panicSchemer   struct{ badSchemer }
	writtenSchemer struct{}
)

func (nullSchemer) JSONSchema() string              { return "null" }
func (panicSchemer) JSONSchema() string             { panic("x") }
func (writtenSchemer) JSONSchema() string           { return `{"type":"string"}` }
func (writtenSchemer) MarshalJSON() ([]byte, error) { return []byte(`"x"`), nil }

// twoForms and panicForms have a JSON form and a text form.
type (
	twoForms     struct{}
	panicForms   struct{ twoForms }
	failingForms struct{}
)

func (failingForms) MarshalText() ([]byte, error) { return nil, errors.New("x") }
func (failingForms) MarshalJSON() ([]byte, error) { return []byte(`""`), nil }

func (twoForms) MarshalText() ([]byte, error)   { return []byte("x"), nil }
func (twoForms) MarshalJSON() ([]byte, error)   { return []byte(`"y"`), nil }
func (panicForms) MarshalText() ([]byte, error) { panic("x") }

// Word is embedded without a name.
type Word string

type selfList []selfList

type stampedNote struct {
	time.Time
	Note string `json:"note" doc:"x"`
}

// shaded and twoTexts have a text form; embedded together, neither is promoted.
type (
	shaded   struct{ S string }
	twoTexts struct{ S string }
)

func (shaded) MarshalText() ([]byte, error)   { return nil, nil }
func (twoTexts) MarshalText() ([]byte, error) { return nil, nil }

type (
	selfPointer  *selfPointer
	placePointer *place
	noted        struct {
		N int `doc:"x"`
	}
)

// Every mistake here would otherwise surface only when a model calls the tool.
func TestBadDeclarations(t *testing.T) {
	tests := []struct {
		name string
		tool Tool
		want string
	}{
		{"no doc", declaredWith[struct {
			City string `json:"city"`
		}, string](), "input City: has no doc tag"},
		{"no doc in the output", declaredWith[struct{}, struct {
			City string `json:"city"`
		}](), "output City: has no doc tag"},
		{"embedded text without a name", declaredWith[struct{ Word }, string](), `input Word: needs a name of ASCII letters, digits and _, such as json:"word"`},
		{"an address", declaredWith[struct {
			Addr net.TCPAddr `json:"addr" doc:"x"`
		}, string](), `type net.TCPAddr has no json and doc tags; add them or, if the type is not yours, use a type of your own with tags`},
		{"an address in a URL", declaredWith[struct {
			User url.Userinfo `json:"user" doc:"x"`
		}, string](), `type url.Userinfo has no exported fields`},
		{"min followed by a letter", declaredWith[struct {
			A int `json:"a" min:"1x" doc:"x"`
		}, string](), `min "1x" is not a number`},
		{"min followed by a space", declaredWith[struct {
			A int `json:"a" min:"1 " doc:"x"`
		}, string](), `min "1 " is not a number`},
		{"min below the type", declaredWith[struct {
			A uint `json:"a" min:"-1" doc:"x"`
		}, string](), `min "-1" is outside type uint`},
		{"max over the type", declaredWith[struct {
			A int8 `json:"a" max:"128" doc:"x"`
		}, string](), `max "128" is outside type int8`},
		{"max over the largest integer", declaredWith[struct {
			A int64 `json:"a" max:"9223372036854775808" doc:"x"`
		}, string](), `max "9223372036854775808" is outside type int64`},
		{"max over the largest float32", declaredWith[struct {
			A float32 `json:"a" max:"1e39" doc:"x"`
		}, string](), `max "1e39" is outside type float32`},
		{"max that JavaScript cannot represent", declaredWith[struct {
			A json.Number `json:"a" max:"1e309" doc:"x"`
		}, string](), `max "1e309" is outside type json.Number`},
		{"length of a number as text", declaredWith[struct {
			A *big.Rat `json:"a" max:"1001" doc:"x"`
		}, string](), `max "1001" is over 1000, the most that type big.Rat allows`},
		{"min with a leading zero", declaredWith[struct {
			A int `json:"a" min:"01" doc:"x"`
		}, string](), `min "01" is not a number`},
		{"length that is too large", declaredWith[struct {
			A string `json:"a" max:"1000000000" doc:"x"`
		}, string](), `max "1000000000" is not a whole number, or too large`},
		{"schema that is null", declaredWith[struct {
			A nullSchemer `json:"a" doc:"x"`
		}, string](), "JSONSchema of type tool.nullSchemer does not return a JSON object"},
		{"schema that panics", declaredWith[struct {
			A panicSchemer `json:"a" doc:"x"`
		}, string](), "JSONSchema of type tool.panicSchemer panics on a zero value"},
		{"schema of a type that can only be written", declaredWith[struct {
			A writtenSchemer `json:"a" doc:"x"`
		}, string](), "type tool.writtenSchemer has a JSON form of its own"},
		{"JSON form that is not the text", declaredWith[struct{}, struct {
			A twoForms `json:"a" doc:"x"`
		}](), "type tool.twoForms has a JSON form of its own"},
		{"text form that fails", declaredWith[struct{}, struct {
			A failingForms `json:"a" doc:"x"`
		}](), "type tool.failingForms has a JSON form of its own"},
		{"JSON form that panics", declaredWith[struct{}, struct {
			A panicForms `json:"a" doc:"x"`
		}](), "type tool.panicForms has a JSON form of its own"},
		{"no json name", declaredWith[struct {
			City string `doc:"x"`
		}, string](), `input City: needs a name of ASCII letters, digits and _, such as json:"city"`},
		{"field name that is not ASCII", declaredWith[struct {
			Größe int `doc:"x"`
		}, string](), `input Größe: needs a name of ASCII letters, digits and _, such as json:"gre"`},
		{"a URL", declaredWith[struct {
			Site *url.URL `json:"site,omitempty" doc:"x"`
		}, string](), `input Site: type url.URL has no json and doc tags; add them or, if the type is not yours, use a string with format:"uri"`},
		{"a column of a database", declaredWith[struct{}, struct {
			Note sql.NullString `json:"note" doc:"x"`
		}](), `output Note: type sql.NullString has no json and doc tags; add them or, if the type is not yours, use a pointer to the value with omitempty`},
		{"a network", declaredWith[struct {
			Nets []net.IPNet `json:"nets" doc:"x"`
		}, string](), `input Nets[]: type net.IPNet has no json and doc tags; add them or, if the type is not yours, use netip.Prefix`},
		{"a pointer to itself", declaredWith[struct {
			P selfPointer `json:"p,omitempty" doc:"x"`
		}, string](), "input P: type tool.selfPointer points to itself"},
		{"a lock", declaredWith[struct {
			Lock *sync.Mutex `json:"lock,omitempty" doc:"x"`
		}, string](), "input Lock: type sync.Mutex has no exported fields"},
		{"an interface with methods", declaredWith[struct{}, struct {
			Err error `json:"err" doc:"x"`
		}](), "output Err: type error has no JSON form"},
		{"an embedded time beside another field", declaredWith[struct {
			At stampedNote `json:"at" doc:"x"`
		}, string](), "type tool.stampedNote embeds time.Time, whose JSON form it takes over, so that its other fields are lost; name that field"},
		{"an embedded time beside another field of a result", declaredWith[struct{}, stampedNote](), "output: type tool.stampedNote embeds time.Time, whose JSON form it takes over; name that field"},
		{"an embedded pointer to an unexported struct with a name", declaredWith[struct {
			*place `json:"place,omitempty" doc:"x"`
		}, string](), "input place: encoding/json cannot use an embedded field of the unexported type *tool.place in this way; give the field a name"},
		{"an embedded unexported type with methods", declaredWith[struct{}, struct {
			A struct {
				shaded `json:"shade" doc:"x"`
				twoTexts
			} `json:"a" doc:"x"`
		}](), "output A.shaded: encoding/json cannot use an embedded field of the unexported type tool.shaded in this way"},
		{"a field that is not exported", declaredWith[struct {
			//lint:ignore U1000 the mistake that is tested
			city string `doc:"x"`
		}, string](), "input city: is not exported, so that encoding/json ignores it; begin its name with a capital letter"},
		{"a result of content", declaredWith[struct{}, Result[Content]](), "output: a Result is of a struct, a map or a string, not of tool.Content"},
		{"a result of a list of content", declaredWith[struct{}, Result[[]Content]](), "output: a Result is of a struct, a map or a string, not of []tool.Content"},
		{"a result of a result", declaredWith[struct{}, Result[*mcp.CallToolResult]](), "output: a Result is of a struct, a map or a string, not of *mcp.CallToolResult"},
		{"a name that is too long", declaredWith[struct {
			A int `json:"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" doc:"x"`
		}, string](), "input A: the name has 65 bytes; model APIs allow at most 64"},
		{"an embedded interface", declaredWith[struct {
			error
		}, string](), "exported fields"},
		{"bad json name", declaredWith[struct {
			City string `json:"the city" doc:"x"`
		}, string](), "input City: needs a name"},
		{"json option", declaredWith[struct {
			A int `json:"a,inline" doc:"x"`
		}, string](), `json option "inline" is unknown to encoding/json`},
		{"string in quotes twice", declaredWith[struct {
			A string `json:"a,string" doc:"x"`
		}, string](), `json option "string" would put a string in quotes twice`},
		{"list in quotes", declaredWith[struct{}, struct {
			//lint:ignore SA5008 the mistake that is tested
			A []int `json:"a,string" doc:"x"`
		}](), `output A: json option "string" is for numbers and booleans`},
		{"text in quotes", declaredWith[struct{}, struct {
			//lint:ignore SA5008 the mistake that is tested
			A netip.Addr `json:"a,string" doc:"x"`
		}](), `output A: json option "string" is for numbers and booleans`},
		{"pointers in quotes", declaredWith[struct {
			//lint:ignore SA5008 the mistake that is tested
			A **int `json:"a,string,omitempty" doc:"x"`
		}, string](), `json option "string" is for numbers and booleans`},
		{"bound of a value in quotes", declaredWith[struct {
			A int8 `json:"a,string" default:"200" doc:"x"`
		}, string](), `default must be a string with the digits of a whole number from -128 to 127, got "200"`},
		{"length of a bool in quotes", declaredWith[struct {
			A bool `json:"a,string" min:"1" doc:"x"`
		}, string](), "min is for numbers, strings and lists"},
		{"pointer in quotes that is required", declaredWith[struct {
			A *int `json:"a,string" doc:"x"`
		}, string](), "a pointer is for something optional"},
		{"tag of another library", declaredWith[struct {
			A int `json:"a" jsonschema:"required" doc:"x"`
		}, string](), "tag jsonschema has no effect here"},
		{"enum of numbers", declaredWith[struct {
			A int `json:"a" enum:"1,2" doc:"x"`
		}, string](), "enum is for strings, because some model APIs reject numbers in it"},
		{"enum that the pattern rules out", declaredWith[struct {
			A string `json:"a" enum:"x,y" pattern:"^x$" doc:"x"`
		}, string](), `enum value "y" is ruled out by min, max, pattern or format`},
		{"enum of a list that the format rules out", declaredWith[struct {
			A []string `json:"a" enum:"x" format:"uri" doc:"x"`
		}, string](), `enum value "x" is ruled out by min, max, pattern or format`},
		{"enum that is too long", declaredWith[struct {
			A string `json:"a" enum:"x,yy" max:"1" doc:"x"`
		}, string](), `enum value "yy" is ruled out by min, max, pattern or format`},
		{"enum of durations", declaredWith[struct {
			A time.Duration `json:"a" enum:"1h" doc:"x"`
		}, string](), "enum is for strings"},
		{"enum with a gap", declaredWith[struct {
			A string `json:"a" enum:"x,,y" doc:"x"`
		}, string](), `enum value "" is empty or has spaces around it`},
		{"field with doc only", declaredWith[struct {
			Noted noted `json:"noted" doc:"x"`
		}, string](), "input Noted.N: needs a name of ASCII letters, digits and _"},
		{"enum with a space", declaredWith[struct {
			A string `json:"a" enum:"x, y" doc:"x"`
		}, string](), `enum value " y" is empty or has spaces around it`},
		{"enum value twice", declaredWith[struct {
			A string `json:"a" enum:"x,x" doc:"x"`
		}, string](), `enum value "x" is listed twice`},
		{"min is not a number", declaredWith[struct {
			A int `json:"a" min:"none" doc:"x"`
		}, string](), `min "none" is not a number`},
		{"max is NaN", declaredWith[struct {
			A float64 `json:"a" max:"NaN" doc:"x"`
		}, string](), `max "NaN" is not a number`},
		{"half a character", declaredWith[struct {
			A string `json:"a" min:"0.5" doc:"x"`
		}, string](), `min "0.5" is not a whole number`},
		{"negative length", declaredWith[struct {
			A []string `json:"a" min:"-1" doc:"x"`
		}, string](), `min "-1" is a length, and must not be negative`},
		{"min of a bool", declaredWith[struct {
			A bool `json:"a" min:"1" doc:"x"`
		}, string](), "min is for numbers, strings and lists"},
		{"min over max", declaredWith[struct {
			A int `json:"a" min:"2" max:"1" doc:"x"`
		}, string](), "min is over max"},
		{"default outside the range", declaredWith[struct {
			A int `json:"a" max:"3" default:"4" doc:"x"`
		}, string](), "default must be a whole number of at most 3, got 4"},
		{"default not in the enum", declaredWith[struct {
			A string `json:"a" enum:"x,y" default:"z" doc:"x"`
		}, string](), `default must be "x" or "y", got "z"`},
		{"default is not JSON", declaredWith[struct {
			A int `json:"a" default:"few" doc:"x"`
		}, string](), `default must be a whole number, got "few"`},
		{"pointer that is required", declaredWith[struct {
			A *int `json:"a" doc:"x"`
		}, string](), "a pointer is for something optional"},
		{"channel", declaredWith[struct {
			A chan int `json:"a" doc:"x"`
		}, string](), "input A: type chan int has no JSON form; use another type, or make the tool with tool.Raw"},
		{"function", declaredWith[struct {
			A []func() `json:"a" doc:"x"`
		}, string](), "input A[]: type func() has no JSON form"},
		{"complex number", declaredWith[struct{}, struct {
			A map[string]complex128 `json:"a" doc:"x"`
		}](), "output A{}: type complex128 has no JSON form"},
		{"interface with methods", declaredWith[struct{}, struct {
			A error `json:"a" doc:"x"`
		}](), "output A: type error has no JSON form"},
		{"map by struct", declaredWith[struct {
			A map[place]string `json:"a" doc:"x"`
		}, string](), "a map needs keys that are strings, integers or have text methods, not tool.place"},
		{"no exported fields", declaredWith[struct {
			A sync.Mutex `json:"a" doc:"x"`
		}, string](), "type sync.Mutex has no exported fields"},
		{"name that is a dash", declaredWith[struct {
			//lint:ignore SA5008 the mistake that is tested
			A string `json:"-," doc:"x"`
		}, string](), `json:"-," names the property "-"; write json:"-" to leave the field out`},
		{"text that is only written", declaredWith[struct {
			A level `json:"a" doc:"x"`
		}, string](), "type tool.level has MarshalText but not UnmarshalText, so it can be written but not read"},
		{"pointer method in a map", declaredWith[struct{}, struct {
			A map[string]pointerText `json:"a" doc:"x"`
		}](), "output A{}: type tool.pointerText has its marshaling method on the pointer"},
		{"embedded pointer to an unexported struct", declaredWith[struct{ *place }, string](), "encoding/json cannot set an embedded pointer to an unexported struct"},
		{"min of a type with a schema", declaredWith[struct {
			A schemer `json:"a" doc:"x" min:"1"`
		}, string](), `min has no effect on type tool.schemer, which declares its schema: put it into JSONSchema`},
		{"schema that is not an object", declaredWith[struct {
			A badSchemer `json:"a" doc:"x"`
		}, string](), "JSONSchema of type tool.badSchemer does not return a JSON object"},
		{"unknown format", declaredWith[struct {
			A string `json:"a" format:"ipv4" doc:"x"`
		}, string](), `format "ipv4" is unknown; there are date, date-time, email, uri and uuid`},
		{"format of a number", declaredWith[struct {
			A int `json:"a" format:"date" doc:"x"`
		}, string](), "format and pattern are for strings"},
		{"format of a time", declaredWith[struct {
			A time.Time `json:"a" format:"date" doc:"x"`
		}, string](), "format and pattern are for strings"},
		{"bad pattern", declaredWith[struct {
			A string `json:"a" pattern:"(" doc:"x"`
		}, string](), `pattern "(" is not a regular expression`},
		{"pattern with a lookahead", declaredWith[struct {
			A string `json:"a" pattern:"(?=x)" doc:"x"`
		}, string](), "pattern \"(?=x)\" is not a regular expression of Go: invalid or unsupported Perl syntax: `(?=`"},
		{"pattern with a flag", declaredWith[struct {
			A string `json:"a" pattern:"(?i)x" doc:"x"`
		}, string](), `uses syntax of Go that clients do not know: (?i`},
		{"example outside the pattern", declaredWith[struct {
			A string `json:"a" pattern:"^x$" example:"y" doc:"x"`
		}, string](), `example must be a string that matches ^x$, got "y"`},
		{"bound over the type's", declaredWith[struct {
			A int8 `json:"a" default:"200" doc:"x"`
		}, string](), `default must be a whole number from -128 to 127, got 200`},
		{"enum value that the type rejects", declaredWith[struct {
			A netip.Addr `json:"a" enum:"10.0.0.1,x" doc:"x"`
		}, string](), `enum value "x" is not a valid netip.Addr`},
		{"length of an array", declaredWith[struct {
			A [2]int `json:"a" max:"1" doc:"x"`
		}, string](), "an array has a fixed length; use a slice with max"},
		{"list of itself", declaredWith[struct{}, struct {
			A selfList `json:"a" doc:"x"`
		}](), "type tool.selfList contains itself, which only a struct may; make it a field of one, or use json.RawMessage"},
		{"reserved metadata", New(Info{Name: "x", Description: "x", Meta: map[string]any{"io.modelcontextprotocol/x": 1}}, nothing),
			`the metadata key "io.modelcontextprotocol/x" is reserved`},
		{"icon over http", New(Info{Name: "x", Description: "x", Icons: []Icon{{Src: "http://example.com/i.png"}}}, nothing),
			"the icon's address must begin with https:// or data:image/"},
		{"JSON form of its own", declaredWith[struct {
			A stamped `json:"a" doc:"x"`
		}, string](), "has a JSON form of its own"},
		{"recursive", declaredWith[recursive, string](), "contains itself"},
		{"input is not a struct", declaredWith[string, string](), "input: must be a struct without a JSON form of its own, is string"},
		{"output is not a struct", declaredWith[struct{}, []string](), "output: must be a struct without a JSON form of its own, is []string; make it a field of a struct"},
		{"output is a pointer type with a name", declaredWith[struct{}, placePointer](), "output: must be a struct without a JSON form of its own, is tool.placePointer"},
		{"output is a time", declaredWith[struct{}, time.Time](), "output: must be a struct without a JSON form of its own, is time.Time"},
		{"output is a pointer to a pointer", declaredWith[struct{}, **place](), "output: must be a struct without a JSON form of its own, is **tool.place"},
		{"input is a map", declaredWith[map[string]int, string](), "input: must be a struct without a JSON form of its own, is map[string]int"},
		{"output with a name that no tag can have", declaredWith[struct{}, struct {
			//lint:ignore SA5008 the mistake that is tested
			A int `json:"a\\b" doc:"x"`
		}](), "output A: needs a name"},
		{"input with a name for programs", declaredWith[struct {
			A int `json:"@type" doc:"x"`
		}, string](), "input A: needs a name"},
		{"no name", New(Info{Description: "x"}, nothing), "the name must be"},
		{"name with a space", New(Info{Name: "a b", Description: "x"}, nothing), "the name must be"},
		{"name that means all tools", New(Info{Name: "*", Description: "x"}, nothing), "the name must be"},
		{"no description", New(Info{Name: "x", Description: " "}, nothing), "it has no description"},
		{"contradicting hints", New(Info{Name: "x", Description: "x", ReadOnly: true, Destructive: true}, nothing), "both read-only and destructive"},
		{"bad setting", New(Info{Name: "x", Description: "x"}, nothing).WithProblem(errors.New("TOOL_X is no URL")), "TOOL_X is no URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.tool.Err()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// Two embedded structs with the same fields hide each other's.
func TestEmbeddedFieldsInConflict(t *testing.T) {
	b := builder{}
	s := b.root(reflect.StructOf([]reflect.StructField{
		{Name: "PlaceA", Type: reflect.TypeFor[PlaceA](), Anonymous: true},
		{Name: "PlaceB", Type: reflect.TypeFor[PlaceB](), Anonymous: true},
	}), "output")
	want := `output: two fields are called "lat", so encoding/json leaves both out; rename one; ` +
		`output: two fields are called "lon", so encoding/json leaves both out; rename one`
	if got := strings.Join(b.problems, "; "); got != want {
		t.Errorf("problems %s, want %s; schema %+v", got, want, s)
	}
}

// These structs are built with reflect because go vet rejects them in source code. reflect
// finds no tag after a malformed one.
func TestTagsThatVetRejects(t *testing.T) {
	tests := []struct{ first, second, want string }{
		{`json:"a" doc:"x"`, `json:"b"  doc:"a \"b\""`, ""},
		{`json:"a" doc:"x"`, `json:"a" doc:"x"`, `input: two fields are called "a", so encoding/json leaves both out`},
		{`json:"a" doc:"x"`, `json:"b"doc:"x"`, "input B: malformed tag"},
		{`json:"a" doc:"x"`, `json:"b" doc:"x" min: "1"`, "input B: malformed tag"},
		{`json:"a" doc:"x"`, `json:"b", doc:"x"`, "input B: malformed tag"},
		{`json:"a" doc:"x"`, "json:\"b\" doc:`x`", "input B: malformed tag"},
		{`json:"a" doc:"x"`, `json:"b" a doc:"x"`, "input B: malformed tag"},
		{`json:"a" doc:"x"`, `json:"b" a"doc:"x"`, "input B: malformed tag"},
		{`json:"a" doc:"x"`, "json:\"b\" a\x7fdoc:\"x\"", "input B: malformed tag"},
		{`json:"a" doc:"x"`, `json:"b" :"x"`, "input B: malformed tag"},
	}
	for _, tt := range tests {
		b := builder{}
		b.root(reflect.StructOf([]reflect.StructField{
			{Name: "A", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(tt.first)},
			{Name: "B", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(tt.second)},
		}), "input")
		if got := strings.Join(b.problems, "; "); !strings.HasPrefix(got, tt.want) || (got == "") != (tt.want == "") {
			t.Errorf("tags %s and %s: %q, want %q", tt.first, tt.second, got, tt.want)
		}
	}
}

// Tags that look like those of this package are reported; those of other libraries are
// not, because a type may serve both.
func TestTagsWithoutEffect(t *testing.T) {
	for key, want := range map[string]bool{
		"Enum": true, "enums": true, "docs": true, "Doc": true, "DOC": true, "JSON": true, "patern": true, "pattren": false, "formats": true, "defaults": true,
		"maxlength": true, "maxLength": true, "minItems": true, "oneof": true, "multipleOf": true, "exclusiveMinimum": true, "options": true, "jsonschema": true,
		"titel": false, "tite": true, "exampel": false, "examples": true, "maxx": true, "mins": true,
		"yaml": false, "xml": false, "db": false, "bson": false, "form": false, "env": false, "in": false, "mapstructure": false, "query": false, "header": false,
		"toml": false, "help": false, "name": false, "gorm": false, "dynamodbav": false, "ion": false, "m": false, "dec": false, "mac": false,
	} {
		b := builder{input: true}
		b.root(reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(`json:"a" doc:"x" ` + key + `:"y"`)}}), "input")
		got := strings.Join(b.problems, "; ")
		if (got != "") != want || want && !strings.HasPrefix(got, "input A: tag "+key+" has no effect here; there are doc, title,") {
			t.Errorf("tag %s: %q, want a problem: %v", key, got, want)
		}
	}
}

func TestAllProblemsAreReported(t *testing.T) {
	bad := declaredWith[struct {
		A func() `json:"a"`
		B string `json:"b" min:"x" doc:"x"`
	}, struct {
		C string `json:"c"`
	}]()
	err := Set{Tools: []Tool{bad, bad}}.Check()
	want := `tools: tool "fixture": input A: type func() has no JSON form; use another type, or make the tool with tool.Raw; ` +
		`input A: has no doc tag to say what it means; ` +
		`input B: min "x" is not a number; output C: has no doc tag to say what it means; ` +
		`tool "fixture" is declared twice; tool "fixture": input A:`
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error\n%v, want\n%s …", err, want)
	}
}

func nothing(context.Context, struct{}) (*mcp.CallToolResult, error) { return nil, nil }

// TestWithProblem: tools made from the same one have their own problems.
func TestWithProblem(t *testing.T) {
	base := New(Info{}, func(context.Context, struct {
		A int `json:"a"`
	}) (string, error) {
		return "", nil
	})
	first := base.WithProblem(errors.New("first"))
	second := base.WithProblem(errors.New("second"))
	if a, b := first.Err().Error(), second.Err().Error(); !strings.HasSuffix(a, "; first") || !strings.HasSuffix(b, "; second") {
		t.Errorf("problems %q and %q", a, b)
	}
}
