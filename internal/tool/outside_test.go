package tool

import (
	"context"
	"encoding"
	"encoding/json"
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"
)

type ring struct {
	Name string `json:"name" doc:"x"`
	Next *ring  `json:"next,omitempty" doc:"x"`
}

type node struct {
	Name     string           `json:"name" min:"1" doc:"x"`
	Children []*node          `json:"children" doc:"x"`
	ByName   map[string]*node `json:"by_name,omitempty" doc:"x"`
}

// returning calls a tool that returns the value.
func returning[T any](t *testing.T, value T) (string, error) {
	t.Helper()
	tl := New(Info{Name: "fixture", Description: "x"}, func(context.Context, struct{}) (T, error) { return value, nil })
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	result, err := call(t, tl, "")
	if err != nil {
		return "", err
	}
	return text(t, result), nil
}

// A result outside its schema is an error for the log, which names the location of the
// value but not the value.
func TestResultOutsideItsSchema(t *testing.T) {
	type item struct {
		Status string   `json:"status" enum:"open,closed" doc:"x"`
		Count  int      `json:"count" min:"0" max:"9" doc:"x"`
		Share  float64  `json:"share" max:"1" doc:"x"`
		Tags   []string `json:"tags" max:"2" enum:"a,b" doc:"x"`
		Code   string   `json:"code" pattern:"^[A-Z]*$" doc:"x"`
		Mail   string   `json:"mail,omitempty" format:"email" doc:"x"`
		Name   string   `json:"name" max:"8" doc:"x"`
		Data   []byte   `json:"data" max:"8" doc:"x"`
	}
	type output struct {
		Items  []item          `json:"items" doc:"x"`
		ByName map[string]item `json:"by_name" doc:"x"`
		Level  *netip.Addr     `json:"level,omitempty" enum:"192.0.2.1" doc:"x"`
		Exact  json.Number     `json:"exact,omitempty" max:"9" doc:"x"`
	}
	in := func(change func(*item)) output {
		i := item{Status: "open"}
		change(&i)
		return output{Items: []item{{Status: "open"}, i}}
	}
	other, allowed := netip.MustParseAddr("192.0.2.77"), netip.MustParseAddr("192.0.2.1")
	tests := []struct {
		name   string
		output output
		want   string // "" if the result is sent
	}{
		{"fine", in(func(i *item) {
			*i = item{"closed", 9, 1, []string{"a", "b"}, "AB", "a@example.com", "s3cretäö", []byte("abc")}
		}), ""},
		{"enum of an empty string", in(func(i *item) { i.Status = "" }), `items[1].status must be "open" or "closed"`},
		{"over the maximum", in(func(i *item) { i.Count = 4711 }), `items[1].count must be a whole number from 0 to 9`},
		{"under the minimum", in(func(i *item) { i.Count = -4711 }), `items[1].count must be a whole number from 0 to 9`},
		{"over the maximum, just", in(func(i *item) { i.Share = math.Nextafter(1, 2) }), `items[1].share must be a number of at most 1`},
		{"long list", in(func(i *item) { i.Tags = []string{"a", "a", "a"} }), `items[1].tags must be a list of at most 2 item(s), each "a" or "b"`},
		{"item", in(func(i *item) { i.Tags = []string{"a", "4711"} }), `items[1].tags[1] must be "a" or "b"`},
		{"pattern", in(func(i *item) { i.Code = "4711" }), `items[1].code must be a string that matches ^[A-Z]*$`},
		{"format", in(func(i *item) { i.Mail = "4711" }), `items[1].mail must be an email address`},
		{"long text", in(func(i *item) { i.Name = "471147114711" }), `items[1].name must be a string of at most 8 character(s)`},
		{"long bytes", in(func(i *item) { i.Data = []byte("4711471147") }), `items[1].data must be base64`},
		{"in a map", output{ByName: map[string]item{"k": {Status: "4711"}}}, `by_name.k.status must be "open" or "closed"`},
		{"text of a type", output{Level: &other}, `level must be "192.0.2.1"`},
		{"text of a type, allowed", output{Level: &allowed}, ""},
		{"number of any size", output{Exact: "77"}, "exact must be a number of at most 9"},
		{"number of any size, allowed", output{Exact: "9.0"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := returning(t, tt.output)
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("error %v, want none", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), "the result is outside its output schema: "+tt.want)):
				t.Errorf("error %v, want one with %q", err, tt.want)
			case err != nil && (strings.Contains(err.Error(), "4711") || strings.Contains(err.Error(), "77")):
				t.Errorf("error %v holds the value", err)
			}
		})
	}
}

func TestResultWithNil(t *testing.T) {
	type output struct {
		Required *int                     `json:"required" doc:"x"`
		Pointers []*time.Time             `json:"pointers" doc:"x"`
		Map      map[string]*int          `json:"map" doc:"x"`
		Any      any                      `json:"any" doc:"x"`
		Text     encoding.TextMarshaler   `json:"text" doc:"x"`
		Texts    []encoding.TextMarshaler `json:"texts" doc:"x"`
	}
	got, err := returning(t, output{Pointers: []*time.Time{nil}, Map: map[string]*int{"a": nil}, Texts: []encoding.TextMarshaler{nil, netip.IPv6Loopback()}})
	if want := `{"required":null,"pointers":[null],"map":{"a":null},"any":null,"text":null,"texts":[null,"::1"]}`; got != want || err != nil {
		t.Errorf("result %s, %v, want %s", got, err, want)
	}
}

// A result may be a tree: its type is defined once, in $defs, and referenced.
func TestRecursiveResult(t *testing.T) {
	type output struct {
		Root node `json:"root" doc:"the top"`
	}
	tl := declaredWith[struct{}, output]()
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"object","properties":{"root":{"description":"the top","$ref":"#/$defs/node"}},"required":["root"],` +
		`"$defs":{"node":{"type":"object","properties":{"name":{"type":"string","description":"x","minLength":1},` +
		`"children":{"type":"array","description":"x","items":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},` +
		`"by_name":{"type":"object","description":"x","additionalProperties":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}}},` +
		`"required":["name","children"]}}}`
	if got := string(tl.Definition().RawOutputSchema); got != want {
		t.Errorf("schema\n%s, want\n%s", got, want)
	}
	got, err := returning(t, output{node{Name: "a", Children: []*node{{Name: "b"}, nil}, ByName: map[string]*node{"c": {Name: "c"}}}})
	if want := `{"root":{"name":"a","children":[{"name":"b","children":[]},null],"by_name":{"c":{"name":"c","children":[]}}}}`; got != want || err != nil {
		t.Errorf("result %s, %v, want %s", got, err, want)
	}
	if _, err := returning(t, output{node{Name: "a", Children: []*node{{}}}}); err == nil || !strings.Contains(err.Error(), "root.children[0].name must be a string that is not empty") {
		t.Errorf("error %v, want one with the location", err)
	}
	root := declaredWith[struct{}, ring]().Definition()
	want = `{"type":"object","properties":{"name":{"type":"string","description":"x"},"next":{"description":"x","$ref":"#/$defs/ring"}},"required":["name"],` +
		`"$defs":{"ring":{"type":"object","properties":{"name":{"type":"string","description":"x"},"next":{"description":"x","$ref":"#/$defs/ring"}},"required":["name"]}}}`
	if got := string(root.RawOutputSchema); got != want {
		t.Errorf("schema of a recursive root\n%s, want\n%s", got, want)
	}
}

func TestResultThatContainsItself(t *testing.T) {
	r := ring{Name: "a"}
	r.Next = &r
	if _, err := returning(t, r); err == nil || !strings.Contains(err.Error(), "nests deeper than 500 levels") {
		t.Errorf("error %v, want one about the depth", err)
	}
}

func TestEmbeddedNilPointer(t *testing.T) {
	type Base struct {
		ID string `json:"id" doc:"x"`
	}
	type output struct {
		*Base
		Own string `json:"own" doc:"x"`
	}
	if got, err := returning(t, output{Own: "o"}); got != `{"own":"o"}` || err != nil {
		t.Errorf("result %s, %v", got, err)
	}
}

// Faults that appear only when a value is encoded are errors that do not quote the value.
func TestResultThatCannotBeEncoded(t *testing.T) {
	type output struct {
		Any  any          `json:"any" doc:"x"`
		Own  failing      `json:"own" doc:"x"`
		Far  **int        `json:"far,omitempty" doc:"x"`
		Form *wrongForm   `json:"form,omitempty" doc:"x"`
		Text *failingText `json:"text,omitempty" doc:"x"`
	}
	var none *int
	cycle := []any{nil}
	cycle[0] = cycle
	for _, tt := range []struct {
		name   string
		output output
		want   string
	}{
		{"function", output{Any: func() {}}, "any: json: unsupported type: func()"},
		{"not a number", output{Any: []any{math.NaN()}}, "any: json: unsupported value: NaN"},
		{"cycle", output{Any: cycle}, "any: json: unsupported value: encountered a cycle"},
		{"method", output{Own: failing{true}}, "own: its method to marshal it fails"},
		{"pointer to nil", output{Far: &none}, "far must be a whole number"},
		{"text method", output{Text: &failingText{}}, "text: its method to marshal it fails"},
		{"another kind than its own schema says", output{Form: &wrongForm{}}, "form must be a string"},
	} {
		got, err := returning(t, tt.output)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "4711") {
			t.Errorf("%s: %s, %v, want an error with %q", tt.name, got, err, tt.want)
		}
	}
	got, err := returning(t, output{})
	if want := `{"any":null,"own":{"a":1}}`; got != want || err != nil {
		t.Errorf("result %s, %v, want %s", got, err, want)
	}
}

// wrongForm declares that it is a string, but is written as a number.
type wrongForm struct{}

func (wrongForm) JSONSchema() string           { return `{"type":"string"}` }
func (wrongForm) MarshalJSON() ([]byte, error) { return []byte("4711"), nil }

type failingText struct{}

func (failingText) MarshalText() ([]byte, error) { return nil, errors.New("4711") }

// failing is an object that declares its own schema.
type failing struct{ fails bool }

func (failing) JSONSchema() string { return `{"type":"object"}` }

func (f failing) MarshalJSON() ([]byte, error) {
	if f.fails {
		return nil, errors.New("4711")
	}
	return []byte(`{"a":1}`), nil
}

func (f *failing) UnmarshalJSON(text []byte) error {
	if f.fails = string(text) != `{"a":1}`; f.fails {
		return errors.New("4711")
	}
	return nil
}

// Two keys with the same text are an error, because the client would lose a value.
func TestResultWithDuplicateKeys(t *testing.T) {
	type output struct {
		ByShade map[shade]int `json:"by_shade" doc:"x"`
		ByColor map[color]int `json:"by_color" doc:"x"`
	}
	if got, err := returning(t, output{map[shade]int{1: 1, 2: 2}, map[color]int{{"a", 1}: 1, {"b", 1}: 1}}); err != nil || got != `{"by_shade":{"x":1,"xx":2},"by_color":{"a":1,"b":1}}` {
		t.Errorf("result %s, %v", got, err)
	}
	_, err := returning(t, output{ByColor: map[color]int{{"4711", 1}: 1, {"a", 1}: 1, {"4711", 2}: 1}})
	if err == nil || !strings.Contains(err.Error(), "two keys of by_color have the same text") || strings.Contains(err.Error(), "4711") {
		t.Errorf("error %v, want one with the location", err)
	}
}

// color is written as its name only.
type color struct {
	name string
	hue  int
}

func (c color) MarshalText() ([]byte, error) { return []byte(c.name), nil }

type unzeroed struct {
	N int `json:"n" doc:"x"`
}

func (u *unzeroed) IsZero() bool { return u.N == 7 }

type hiddenBase struct {
	ID string `json:"id" doc:"x"`
}

// omitzero calls the method IsZero as encoding/json does: also for values in maps whose
// method is on the pointer, and never for the value in an interface.
func TestOmitZero(t *testing.T) {
	type inner struct {
		V unzeroed `json:"v,omitzero" doc:"x"`
		A any      `json:"a,omitzero" doc:"x"`
	}
	type output struct {
		Map        map[string]inner `json:"map" doc:"x"`
		hiddenBase `json:"base,omitzero" doc:"x"`
	}
	for _, value := range []output{
		{Map: map[string]inner{"a": {V: unzeroed{7}}, "b": {A: &unzeroed{7}}}},
		{Map: map[string]inner{}, hiddenBase: hiddenBase{"i"}},
	} {
		want, _ := leaf(&value)
		if got, err := returning(t, value); got != string(want) || err != nil {
			t.Errorf("result %s, %v, encoding/json writes %s", got, err, want)
		}
	}
}

// A type that declares its own schema checks its values itself.
func TestOwnSchema(t *testing.T) {
	tl := New(Info{Name: "x", Description: "x"}, func(context.Context, struct {
		Own  failing  `json:"own" doc:"what it is for"`
		List []string `json:"list,omitempty" enum:"a" doc:"x"`
	}) (string, error) {
		return "fine", nil
	})
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	if got, want := string(tl.Definition().RawInputSchema), `"own":{"description":"what it is for","type":"object"}`; !strings.Contains(got, want) {
		t.Errorf("schema %s, want %s in it", got, want)
	}
	for arguments, want := range map[string]string{
		`{"own":{"a":1}}`:              "fine",
		`{"own":{"a":2}}`:              "own must be a valid failing, got an object",
		`{"own":5}`:                    "own must be a valid failing, got 5",
		`{"own":{"a":1},"list":["b"]}`: `list[0] must be "a", got "b"`,
		`{"own":{"a":1},"list":"b"}`:   `list must be a list, each "a", or be left out, got "b"`,
	} {
		if result, err := call(t, tl, arguments); err != nil || text(t, result) != want {
			t.Errorf("%s: %+v, %v, want %s", arguments, result, err, want)
		}
	}
}

// Each recursive type has its own definition, whose name may be that of a generic type.
func TestRecursiveTypes(t *testing.T) {
	type output struct {
		Ring ring          `json:"ring" doc:"x"`
		Pair *pair9[int32] `json:"pair" doc:"x"`
	}
	tl := declaredWith[struct{}, output]()
	if err := tl.Err(); err != nil {
		t.Fatal(err)
	}
	want := `{"type":"object","properties":{"ring":{"description":"x","$ref":"#/$defs/ring"},"pair":{"description":"x","anyOf":[{"$ref":"#/$defs/pair9_int32_"},{"type":"null"}]}},"required":["ring","pair"],` +
		`"$defs":{"ring":{"type":"object","properties":{"name":{"type":"string","description":"x"},"next":{"description":"x","$ref":"#/$defs/ring"}},"required":["name"]},` +
		`"pair9_int32_":{"type":"object","properties":{"value":{"type":"integer","title":"V","description":"x","minimum":-2147483648,"maximum":2147483647},"next":{"description":"x","$ref":"#/$defs/pair9_int32_"}},"required":["value"]}}}`
	if got := string(tl.Definition().RawOutputSchema); got != want {
		t.Errorf("schema\n%s, want\n%s", got, want)
	}
}

type pair9[T any] struct {
	Value T         `json:"value" title:"V" doc:"x"`
	Next  *pair9[T] `json:"next,omitempty" doc:"x"`
}

// A nil pointer without omitempty is null, which the schema allows.
func TestNullableResult(t *testing.T) {
	type output struct {
		N    *int                   `json:"n" doc:"x"`
		Enum *string                `json:"enum" enum:"a" doc:"x"`
		Text encoding.TextMarshaler `json:"text" doc:"x"`
	}
	want := `{"type":"object","properties":{"n":{"type":["integer","null"],"description":"x"},"enum":{"type":["string","null"],"description":"x","enum":["a",null]},"text":{"type":["string","null"],"description":"x"}},"required":["n","enum","text"]}`
	if got := string(declaredWith[struct{}, output]().Definition().RawOutputSchema); got != want {
		t.Errorf("schema\n%s, want\n%s", got, want)
	}
}

func TestReservedMetadata(t *testing.T) {
	for key, reserved := range map[string]bool{
		"modelcontextprotocol.io/x": true, "io.mcp/x": true, "mcp/x": true, "mcp.example/x": true, "com.example.mcp.dev/x": true, "io.modelcontextprotocol.sub/x": true,
		"com.example.mcp/x": false, "com.example/x": false, "a.b.c.mcp/x": false, "mcp": false, "com.example/mcp": false, "com.mcpx/x": false,
	} {
		err := New(Info{Name: "x", Description: "x", Meta: map[string]any{key: 1}}, nothing).Err()
		if (err != nil) != reserved {
			t.Errorf("%s: %v, want reserved %t", key, err, reserved)
		}
	}
}
