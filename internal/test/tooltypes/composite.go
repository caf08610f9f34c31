package tooltypes

import (
	"encoding/json"
	"math/big"
	"net"
	"net/netip"
	"regexp"
	"time"
)

func lists() []Case {
	inner := func(schema string) string { return `{"type":"` + schema + `"}` }
	fixed := func(items, n string) string {
		return `{"type":"array","description":"x","minItems":` + n + `,"maxItems":` + n + `,"items":` + items + `}`
	}
	return []Case{
		required("strings", []string{"a", "b"}, list(inner("string")), `["a","b"]`),
		required("strings_named", Words{"a"}, list(inner("string")), `["a"]`),
		required("strings_empty", []string{}, list(inner("string")), `[]`),
		required("ints", []int{1, -2}, list(inner("integer")), `[1,-2]`),
		required("matrix", [][]float64{{1, 2.5}, {}}, list(`{"type":"array","items":{"type":"number"}}`), `[[1,2.5],[]]`),
		required("array", [3]int{1, 2, 3}, fixed(inner("integer"), "3"), `[1,2,3]`),
		required("array_of_text", [1]Level{High}, fixed(inner("string"), "1"), `["high"]`),
		required("array_of_bytes", [2]byte{1, 2}, fixed(`{"type":"integer","minimum":0,"maximum":255}`, "2"), `[1,2]`),
		required("bytes", []byte("hi"), base64, `"aGk="`),
		required("bytes_named", Blob("hi"), base64, `"aGk="`),
		required("bytes_list", [][]byte{{1}, {}}, list(`{"type":"string","contentEncoding":"base64"}`), `["AQ==",""]`),
		required("anys", []any{"x", 1.0}, list(`{}`), `["x",1]`),
		required("points", []Point{{1, 2}, {3, 0}}, list(point), `[{"x":1,"y":2},{"x":3}]`).output(list(openPoint)),
		required("addrs", []netip.Addr{address}, list(inner("string")), `["192.0.2.1"]`),
		required("durations", []time.Duration{time.Second}, list(`{"type":"string","pattern":"^-?([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$"}`), `["1s"]`).std(`[1000000000]`),
		required("raws", []json.RawMessage{[]byte(`1`), []byte(`"x"`)}, list(`{}`), `[1,"x"]`),
	}
}

func maps() []Case {
	return []Case{
		required("map", map[string]int{"b": 1, "a": 2, "": 3}, dictionary(`{"type":"integer"}`), `{"":3,"a":2,"b":1}`),
		required("map_named", Lookup{"a": 1}, dictionary(`{"type":"integer"}`), `{"a":1}`),
		required("map_empty", map[string]bool{}, dictionary(`{"type":"boolean"}`), `{}`),
		required("map_by_word", map[Word]string{"k": "v"}, dictionary(`{"type":"string"}`), `{"k":"v"}`),
		required("map_by_int", map[int]string{-1: "a", 10: "b"}, dictionary(`{"type":"string"}`), `{"-1":"a","10":"b"}`),
		required("map_by_uint8", map[uint8]bool{255: true}, dictionary(`{"type":"boolean"}`), `{"255":true}`),
		required("map_by_duration", map[time.Duration]int{time.Hour: 1, -time.Second: 2}, dictionary(`{"type":"integer"}`), `{"-1s":2,"1h0m0s":1}`).
			std(`{"-1000000000":2,"3600000000000":1}`),
		required("map_by_key_of_two", map[Slot]int{{1, 2}: 3}, dictionary(`{"type":"integer"}`), `{"1-2":3}`),
		required("map_by_enum", map[Level]int{Low: 1, High: 2}, dictionary(`{"type":"integer"}`), `{"high":2,"low":1}`),
		required("map_by_addr", map[netip.Addr]string{address: "x"}, dictionary(`{"type":"string"}`), `{"192.0.2.1":"x"}`),
		required("map_of_any", map[string]any{"a": 1.5, "b": nil}, dictionary(`{}`), `{"a":1.5,"b":null}`),
		required("map_of_lists", map[string][]string{"a": {"x"}}, dictionary(`{"type":"array","items":{"type":"string"}}`), `{"a":["x"]}`),
		required("map_of_maps", map[string]map[string]int{"a": {"b": 1}}, dictionary(`{"type":"object","additionalProperties":{"type":"integer"}}`), `{"a":{"b":1}}`),
		required("map_of_points", map[string]Point{"p": {1, 2}}, dictionary(point), `{"p":{"x":1,"y":2}}`).output(dictionary(openPoint)),
		required("map_of_times", map[string]time.Time{"t": noon}, dictionary(`{"type":"string","format":"date-time"}`), `{"t":"2026-01-31T12:00:00.5Z"}`),
	}
}

func structs() []Case {
	id, note, own := `"id":{"type":"string","description":"x"}`, `"note":{"type":"string","description":"x"}`, `"own":{"type":"string","description":"x"}`
	inner := `"inner":{"type":"integer","description":"x"}`
	x := `"x":{"type":"integer","description":"x"},"y":{"type":"integer","description":"x"}`
	nested := func(closed string) string {
		return `"name":{"type":"string","description":"x"},"point":{"type":"object","description":"x","properties":{` + x + `},"required":["x"]` + closed + `}`
	}
	named := func(closed string) string {
		return `"base":{"type":"object","description":"x","properties":{` + id + `,` + note + `},"required":["id"]` + closed + `},` + own
	}
	list := func(name string) string {
		return `"` + name + `":{"type":"array","description":"x","items":{"type":"string"}}`
	}
	pair := `"first":{"type":"string","description":"x"},"second":{"type":"integer","description":"x"},` +
		`"by_key":{"type":"object","description":"x","additionalProperties":{"type":"integer"}}`
	const shut = `,"additionalProperties":false`
	both := func(c Case, properties, required string) Case {
		c.Schema, c.Output = object(properties, required), open(properties, required)
		return c
	}
	return []Case{
		both(required("struct", Point{1, 0}, "", `{"x":1}`), x, `"x"`),
		required("struct_nested", Nested{"n", Point{1, 2}}, object(nested(shut), `"name","point"`), `{"name":"n","point":{"x":1,"y":2}}`).
			output(open(nested(""), `"name","point"`)),
		both(required("struct_without_fields", struct{}{}, "", `{}`), "", ""),
		both(required("struct_hidden", Hidden{Shown: "s"}, "", `{"shown":"s"}`), `"shown":{"type":"string","description":"x"}`, `"shown"`),
		both(required("embedded", Embedding{Base{"i", ""}, base{4}, "o"}, "", `{"id":"i","inner":4,"own":"o"}`), id+`,`+note+`,`+inner+`,`+own, `"id","inner","own"`),
		required("embedded_pointer", EmbeddingPointer{&Base{"i", "n"}, "o"}, object(id+`,`+note+`,`+own, `"id","own"`), `{"id":"i","note":"n","own":"o"}`).
			output(open(id+`,`+note+`,`+own, `"own"`)),
		both(required("embedded_shadowed", Shadowing{Embedding{Base{"", ""}, base{4}, "o"}, 5}, "", `{"inner":4,"own":"o","id":5}`),
			note+`,`+inner+`,`+own+`,"id":{"type":"integer","description":"x"}`, `"inner","own","id"`),
		required("embedded_named", EmbeddingNamed{Base{"i", ""}, "o"}, object(named(shut), `"base","own"`), `{"base":{"id":"i"},"own":"o"}`).
			output(open(named(""), `"base","own"`)),
		both(required("generic", Page[string]{Items: []string{"a"}}, "", `{"items":["a"]}`), list("items")+`,"next":{"type":"string","description":"x"}`, `"items"`),
		both(required("generic_pair", Pair[Level, int]{High, 2, map[Level]int{Low: 1}}, "", `{"first":"high","second":2,"by_key":{"low":1}}`), pair, `"first","second","by_key"`),
	}
}

func pointers() []Case {
	one, two := 1, 2
	second := &two
	pattern := regexp.MustCompile("^a+$")
	words := []string{"a"}
	lookup := map[string]int{"a": 1}
	null := func(schema string) string { return `{"type":["` + schema + `","null"]}` }
	openOrNull := `{"type":["object","null"],"properties":{"x":{"type":"integer","description":"x"},"y":{"type":"integer","description":"x"}},"required":["x"]}`
	described := `{"type":"object","description":"x",` + point[len(`{"type":"object",`):]
	describedOpen := `{"type":"object","description":"x",` + openPoint[len(`{"type":"object",`):]
	return []Case{
		optional("pointer", &one, whole, `1`),
		optional("pointer_to_pointer", &second, whole, `2`),
		optional("pointer_to_struct", &Point{1, 2}, described, `{"x":1,"y":2}`).output(describedOpen),
		required("pointer_to_struct_required", &Point{1, 2}, described, `{"x":1,"y":2}`).
			output(`{"type":["object","null"],"description":"x",` + openPoint[len(`{"type":"object",`):]),
		optional("pointer_to_slice", &words, list(`{"type":"string"}`), `["a"]`),
		optional("pointer_to_map", &lookup, dictionary(`{"type":"integer"}`), `{"a":1}`),
		required("pointers", []*int{&one, &two}, list(`{"type":"integer"}`), `[1,2]`).output(list(null("integer"))),
		required("pointers_to_structs", []*Point{{1, 0}}, list(point), `[{"x":1}]`).output(list(openOrNull)),
		required("map_of_pointers", map[string]*int{"a": &one}, dictionary(`{"type":"integer"}`), `{"a":1}`).output(dictionary(null("integer"))),
		required("big_int_pointer", huge, whole, `123456789012345678901234567890`).output(`{"type":["integer","null"],"description":"x"}`),
		required("big_float_pointer", half(), shortText, `"0.5"`).output(`{"type":["string","null"],"description":"x"}`),
		required("regexp_pointer", pattern, text, `"^a+$"`).output(`{"type":["string","null"],"description":"x"}`),
		required("map_of_text_pointers", map[string]*Temperature{"t": {5}}, dictionary(`{"type":"string"}`), `{"t":"5dC"}`).output(dictionary(null("string"))),
		optional("omitempty_list", []net.IP{ip}, list(`{"type":"string"}`), `["192.0.2.1"]`),
		optional("big_rat_list", []*big.Rat{third}, list(`{"type":"string","maxLength":1000}`), `["1/3"]`).output(list(null("string"))),
	}
}
