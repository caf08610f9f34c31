package tool

import (
	"reflect"
	"testing"
)

// The words name whichever bounds there are, and the schema has their keywords.
func TestBoundsInWords(t *testing.T) {
	type bounded struct {
		AtLeast string         `json:"at_least,omitempty" min:"2" doc:"x"`
		Filled  string         `json:"filled,omitempty" min:"1" doc:"x"`
		AtMost  string         `json:"at_most,omitempty" max:"1" doc:"x"`
		Few     []int          `json:"few,omitempty" min:"2" doc:"x"`
		Pair    [2]int         `json:"pair,omitempty" doc:"x"`
		Below   float64        `json:"below,omitempty" max:"0.5" doc:"x"`
		Map     map[string]int `json:"map,omitempty" doc:"x"`
	}
	b := builder{input: true}
	s := b.root(reflect.TypeFor[bounded](), "input")
	if b.problems != nil {
		t.Fatal(b.problems)
	}
	schema, err := s.MarshalJSON()
	want := `{"type":"object","properties":{"at_least":{"type":"string","description":"x","minLength":2},"filled":{"type":"string","description":"x","minLength":1},` +
		`"at_most":{"type":"string","description":"x","maxLength":1},"few":{"type":"array","description":"x","minItems":2,"items":{"type":"integer"}},` +
		`"pair":{"type":"array","description":"x","minItems":2,"maxItems":2,"items":{"type":"integer"}},"below":{"type":"number","description":"x","maximum":0.5},` +
		`"map":{"type":"object","description":"x","additionalProperties":{"type":"integer"}}},"required":[],"additionalProperties":false}`
	if string(schema) != want || err != nil {
		t.Errorf("schema\n%s, %v, want\n%s", schema, err, want)
	}
	for arguments, want := range map[string]string{
		`{"at_least":"x"}`: `at_least must be a string of at least 2 character(s), or be left out, got "x"`,
		`{"filled":""}`:    `filled must be a string that is not empty, or be left out, got ""`,
		`{"at_most":"xy"}`: `at_most must be a string of at most 1 character(s), or be left out, got "xy"`,
		`{"few":[1]}`:      `few must be a list of at least 2 item(s), or be left out, got a list of 1`,
		`{"pair":[1]}`:     `pair must be a list of 2 item(s), or be left out, got a list of 1`,
		`{"pair":[1,2,3]}`: `pair must be a list of 2 item(s), or be left out, got a list of 3`,
		`{"below":0.51}`:   `below must be a number of at most 0.5, or be left out, got 0.51`,
		`{"map":[]}`:       `map must be an object, or be left out, got a list of 0`,
	} {
		var in bounded
		if got, _, err := decode(s, []byte(arguments), false, reflect.ValueOf(&in).Elem()); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", arguments, got, err, want)
		}
	}
}
