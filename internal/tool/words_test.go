package tool

import (
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
)

// The text names the declared bounds, and the schema has their keywords.
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

// The text names every rule that a string can break, so that one correction is enough.
func TestStringsInWords(t *testing.T) {
	type texts struct {
		Link  string     `json:"link,omitempty" format:"uri" pattern:"^http:" max:"20" doc:"x"`
		Site  string     `json:"site,omitempty" format:"uri" pattern:"^https:" doc:"x"`
		Day   string     `json:"day,omitempty" format:"date" example:"2026-05-01" doc:"x"`
		Data  []byte     `json:"data,omitempty" max:"4" doc:"x"`
		Ten   netip.Addr `json:"ten,omitzero" pattern:"^10\\." example:"10.0.0.1" doc:"x"`
		Local netip.Addr `json:"local,omitzero" pattern:"^10\\." doc:"x"`
		Name  string     `json:"name,omitempty" min:"1" example:"ada" doc:"x"`
		Ratio *big.Rat   `json:"ratio,omitempty" doc:"x"`
	}
	b := builder{input: true}
	s := b.root(reflect.TypeFor[texts](), "input")
	if b.problems != nil {
		t.Fatal(b.problems)
	}
	for arguments, want := range map[string]string{
		`{"link":"https://a.example"}`: `link must be a URI of at most 20 character(s) that matches ^http:, or be left out, got "https://a.example"`,
		`{"site":"http://a.example"}`:  `site must be a URI that matches ^https: such as https://example.com/path, or be left out, got "http://a.example"`,
		`{"day":"today"}`:              `day must be a date such as "2026-05-01", or be left out, got "today"`,
		`{"data":"aGVsbG8="}`:          `data must be base64 of at most 4 character(s), or be left out, got "aGVsbG8="`,
		`{"ten":"192.0.2.1"}`:          `ten must be an IP address that matches ^10\. such as "10.0.0.1", or be left out, got "192.0.2.1"`,
		`{"local":"192.0.2.1"}`:        `local must be an IP address that matches ^10\., or be left out, got "192.0.2.1"`,
		`{"name":""}`:                  `name must be a string that is not empty such as "ada", or be left out, got ""`,
		`{"ratio":"x"}`:                `ratio must be a string with a number of at most 1000 character(s) such as "1.5", or be left out, got "x"`,
	} {
		var in texts
		if got, _, err := decode(s, []byte(arguments), false, reflect.ValueOf(&in).Elem()); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", arguments, got, err, want)
		}
	}
	// Reading a number takes time that grows with the square of its length.
	long := strings.Repeat("7", 4<<20)
	if got, _, _ := decode(s, []byte(`{"ratio":"`+long+`"}`), false, reflect.ValueOf(new(texts)).Elem()); !strings.HasPrefix(got, "ratio must be") {
		t.Errorf("ratio of %d digits: %.100s", len(long), got)
	}
}
