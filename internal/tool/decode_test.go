package tool

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// echo stores its arguments in got and returns "called".
func echo(got *everything) Tool {
	return New(Info{Name: "fixture", Description: "x"}, func(_ context.Context, in everything) (string, error) {
		*got = in
		return "called", nil
	})
}

func TestArguments(t *testing.T) {
	tests := []struct {
		name, arguments string
		want            everything
	}{
		{"defaults", `{"city":"Rome"}`, everything{City: "Rome", Unit: "celsius", Days: 3}},
		{"everything", `{"city":"Rome","unit":"fahrenheit","humidity":99.5,"days":1,"big":-5,"port":65535,"loud":true,` +
			`"since":"2026-01-02T03:04:05Z","tags":["new","old"],"labels":{"a":"b"},"place":{"lat":-90,"lon":0}}`,
			everything{City: "Rome", Unit: "fahrenheit", Humidity: 99.5, Days: 1, Big: -5, Port: 65535, Loud: true,
				Since: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Tags: []string{"new", "old"},
				Labels: map[string]string{"a": "b"}, Place: &place{Lat: -90}}},
		{"an integer that no float64 holds", `{"city":"Rome","big":9007199254740993}`,
			everything{City: "Rome", Unit: "celsius", Days: 3, Big: 9007199254740993}},
		{"the largest integer", `{"city":"Rome","big":9223372036854775807}`,
			everything{City: "Rome", Unit: "celsius", Days: 3, Big: math.MaxInt64}},
		{"an integer written as a float", `{"city":"Rome","days":2.0,"big":3e2}`,
			everything{City: "Rome", Unit: "celsius", Days: 2, Big: 300}},
		{"a large integer with an exponent", `{"city":"Rome","big":1e17}`,
			everything{City: "Rome", Unit: "celsius", Days: 3, Big: 1e17}},
		{"null stands for absent", `{"city":"Rome","unit":null,"big":null,"place":null}`, everything{City: "Rome", Unit: "celsius", Days: 3}},
		{"a number in quotes", `{"city":"Rome","days":"2"}`, everything{City: "Rome", Unit: "celsius", Days: 2}},
		{"characters are counted, not bytes", `{"city":"` + strings.Repeat("é", 20) + `"}`,
			everything{City: strings.Repeat("é", 20), Unit: "celsius", Days: 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got everything
			result, err := call(t, echo(&got), tt.arguments)
			if err != nil || result.IsError {
				t.Fatalf("arguments %s: %v, %v", tt.arguments, text(t, result), err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("arguments %s (-want +got):\n%s", tt.arguments, diff)
			}
		})
	}
}

func TestBadArguments(t *testing.T) {
	tests := []struct{ name, arguments, want string }{
		{"none", ``, `city is missing`},
		{"null", `null`, `city is missing`},
		{"a list", `[1]`, `the arguments must be an object, got a list of 1`},
		{"text", `"city"`, `the arguments must be an object, got "city"`},
		{"all of them", `{"humidity":"high","days":0,"loud":1}`,
			`city is missing; humidity must be a number from 0 to 100, or be left out, got "high"; ` +
				`days must be a whole number of at least 1, or be left out, got 0; loud must be true or false, or be left out, got 1`},
		{"null for a required field", `{"city":null}`, `city must be a string of 1 to 20 characters, got null`},
		{"empty", `{"city":""}`, `city must be a string of 1 to 20 characters, got ""`},
		{"too long, and not shown in full", `{"city":"` + strings.Repeat("x", 50) + `"}`,
			`city must be a string of 1 to 20 characters, got "` + strings.Repeat("x", 40) + `…"`},
		{"not in the enum", `{"city":"x","unit":"Celsius"}`, `unit must be "celsius" or "fahrenheit", or be left out, got "Celsius"`},
		{"too high", `{"city":"x","humidity":100.01}`, `humidity must be a number from 0 to 100, or be left out, got 100.01`},
		{"infinite", `{"city":"x","humidity":1e999}`, `humidity must be a number from 0 to 100, or be left out, got 1e999`},
		{"half", `{"city":"x","days":1.5}`, `days must be a whole number of at least 1, or be left out, got 1.5`},
		{"over 64 bits", `{"city":"x","big":9223372036854775808}`, `big must be a whole number from -9223372036854775808 to 9223372036854775807, or be left out, got 9223372036854775808`},
		{"an exponent that would fill the memory", `{"city":"x","big":1e999999999}`, `big must be a whole number from -9223372036854775808 to 9223372036854775807, or be left out, got 1e999999999`},
		{"over what the type holds", `{"city":"x","port":65536}`, `port must be a whole number from 0 to 65535, or be left out, got 65536`},
		{"no time", `{"city":"x","since":"yesterday"}`, `since must be a time such as 2026-01-31T12:00:00Z, or be left out, got "yesterday"`},
		{"too many", `{"city":"x","tags":["new","new","new","new"]}`, `tags must be a list of at most 3 item(s), each "new" or "old", or be left out, got a list of 4`},
		{"an item", `{"city":"x","tags":["new","odd"]}`, `tags[1] must be "new" or "old", got "odd"`},
		{"a value", `{"city":"x","labels":{"b":1,"a":{}}}`, `labels.a must be a string, got an object; labels.b must be a string, got 1`},
		{"nested", `{"city":"x","place":{"lat":91}}`, `place.lat must be a number from -90 to 90, got 91; place.lon is missing`},
		{"unknown", `{"city":"x","town":"y"}`,
			`town is unknown; known: city, unit, humidity, days, big, port, loud, since, tags, labels, place`},
		{"names have a case", `{"City":"x"}`,
			`city is missing; City is unknown; known: city, unit, humidity, days, big, port, loud, since, tags, labels, place`},
		{"unknown inside", `{"city":"x","place":{"lat":1,"lon":1,"alt":1}}`, `place.alt is unknown; known: lat, lon`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var in everything
			result, err := call(t, echo(&in), tt.arguments)
			if err != nil {
				t.Fatal(err)
			}
			if got := text(t, result); got != tt.want || !result.IsError {
				t.Errorf("arguments %s\n got %s (error %v)\nwant %s", tt.arguments, got, result.IsError, tt.want)
			}
			if !reflect.ValueOf(in).IsZero() {
				t.Error("the tool was called")
			}
		})
	}
}

func TestOnlyTheFirstProblemsAreReported(t *testing.T) {
	var in everything
	result, err := call(t, echo(&in), `{"city":"x","labels":{"a":1,`+manyLabels(30)+`}}`)
	if err != nil {
		t.Fatal(err)
	}
	got := text(t, result)
	if n := strings.Count(got, "must be"); n != maxProblems || !strings.HasSuffix(got, "; and 11 more") {
		t.Errorf("%d problems in %q, want %d and how many more", n, got, maxProblems)
	}
}

func manyLabels(n int) string {
	labels := make([]string, n)
	for i := range labels {
		labels[i] = `"l` + strings.Repeat("i", i) + `":1`
	}
	return strings.Join(labels, ",")
}

// No arguments may cause a panic, and accepted arguments must satisfy the declaration.
func FuzzArguments(f *testing.F) {
	f.Add(`{"city":"Rome","days":2,"big":1e3,"tags":["new"],"place":{"lat":1,"lon":2},"since":"2026-01-02T03:04:05Z"}`)
	f.Add(`{"city":1e999,"port":-1,"labels":[],"place":null}`)
	f.Add(`{"city":"x","city":"y"} {}`)
	tl := declaredWith[everything, string]()
	b := builder{input: true}
	s := b.root(reflect.TypeFor[everything](), "input")
	if tl.Err() != nil {
		f.Fatal(tl.Err())
	}
	f.Fuzz(func(t *testing.T, arguments string) {
		var in everything
		problems, _, err := decode(s, []byte(arguments), false, reflect.ValueOf(&in).Elem())
		if err != nil {
			t.Fatalf("%q: %v", arguments, err)
		}
		if problems != "" {
			return
		}
		if n := len([]rune(in.City)); n < 1 || n > 20 {
			t.Errorf("%q: city %q was accepted", arguments, in.City)
		}
		if in.Days < 1 || in.Humidity < 0 || in.Humidity > 100 || len(in.Tags) > 3 {
			t.Errorf("%q: %+v was accepted", arguments, in)
		}
	})
}

// TestTypeWithSchema: a type that describes itself gets its value also from JSON text, and its
// schema shows the field's default and example.
func TestTypeWithSchema(t *testing.T) {
	priced := New(Info{Name: "fixture", Description: "A fixture."}, func(_ context.Context, in struct {
		Price schemer `json:"price" doc:"x" default:"2" example:"7"`
	}) (string, error) {
		return in.Price.text, nil
	})
	const want = `"price":{"description":"x","default":2,"examples":[7],"multipleOf":0.01,"type":"number"}`
	if schema := string(priced.Definition().RawInputSchema); !strings.Contains(schema, want) {
		t.Errorf("schema %s does not contain %s", schema, want)
	}
	for arguments, want := range map[string]string{
		`{}`: "2", `{"price":1.5}`: "1.5", `{"price":"1.5"}`: "1.5",
		`{"price":"13"}`: `price must be a number, or be left out, got "13"`, `{"price":13}`: "price must be a number, or be left out, got 13",
	} {
		result, err := call(t, priced, arguments)
		if err != nil || text(t, result) != want {
			t.Errorf("%s: %v, %v, want %s", arguments, result, err, want)
		}
	}
}
