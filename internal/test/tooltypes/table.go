package tooltypes

import (
	"encoding/json"
	"log/slog"
	"math"
	"math/big"
	"net"
	"net/netip"
	"regexp"
	"time"
)

const (
	text     = `{"type":"string","description":"x"}`
	whole    = `{"type":"integer","description":"x"}`
	number   = `{"type":"number","description":"x"}`
	anything = `{"description":"x"}`
	moment   = `{"type":"string","description":"x","format":"date-time"}`
	span     = `{"type":"string","description":"x","pattern":"^-?([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$"}`
	base64   = `{"type":"string","description":"x","contentEncoding":"base64"}`
	point    = `{"type":"object","properties":{"x":{"type":"integer","description":"x"},"y":{"type":"integer","description":"x"}},` +
		`"required":["x"],"additionalProperties":false}`
	openPoint = `{"type":"object","properties":{"x":{"type":"integer","description":"x"},"y":{"type":"integer","description":"x"}},"required":["x"]}`
)

// list is the schema of a list, dictionary that of a map.
func list(items string) string { return `{"type":"array","description":"x","items":` + items + `}` }

func dictionary(values string) string {
	return `{"type":"object","description":"x","additionalProperties":` + values + `}`
}

// object is the schema of a struct in arguments.
func object(properties, required string) string {
	return open(properties, required)[:len(open(properties, required))-1] + `,"additionalProperties":false}`
}

// open is the schema of a struct in results.
func open(properties, required string) string {
	return `{"type":"object","description":"x","properties":{` + properties + `},"required":[` + required + `]}`
}

// Table returns all cases. They keep what their tool got, so each test makes
// its own.
func Table() []Case {
	var all []Case
	for _, some := range [][]Case{basic(), textual(), lists(), maps(), structs(), pointers()} {
		all = append(all, some...)
	}
	return all
}

func basic() []Case {
	bounded := func(low, high string) string {
		return `{"type":"integer","description":"x","minimum":` + low + `,"maximum":` + high + `}`
	}
	positive := `{"type":"integer","description":"x","minimum":0}`
	return []Case{
		of("string", "héllo <&> \u2028 \"q\"", text, `"héllo <&> \u2028 \"q\""`),
		of("string_empty", "", text, `""`),
		of("string_named", Word("w"), text, `"w"`),
		of("bool", true, `{"type":"boolean","description":"x"}`, `true`),
		of("bool_named", Switch(true), `{"type":"boolean","description":"x"}`, `true`),
		of("int", -5, whole, `-5`),
		of("int_named", Count(7), whole, `7`),
		of("int8", int8(-128), bounded("-128", "127"), `-128`),
		of("int16", int16(32767), bounded("-32768", "32767"), `32767`),
		of("int32", int32(-2147483648), bounded("-2147483648", "2147483647"), `-2147483648`),
		of("rune", 'ü', bounded("-2147483648", "2147483647"), `252`),
		of("int64", int64(math.MaxInt64), whole, `9223372036854775807`),
		of("int64_least", int64(math.MinInt64), whole, `-9223372036854775808`),
		of("uint", uint(1), positive, `1`),
		of("uint8", uint8(255), bounded("0", "255"), `255`),
		of("uint16", uint16(65535), bounded("0", "65535"), `65535`),
		of("uint32", uint32(math.MaxUint32), bounded("0", "4294967295"), `4294967295`),
		of("uint64", uint64(math.MaxUint64), positive, `18446744073709551615`),
		of("uintptr", uintptr(9), positive, `9`),
		of("float32", float32(0.1), number, `0.1`),
		of("float32_named", Share(1.5e-7), number, `1.5e-7`),
		of("float64", 0.30000000000000004, number, `0.30000000000000004`),
		of("float64_large", 1e21, number, `1e+21`),
		of("float64_small", 1e-7, number, `1e-7`),
		of("float64_whole", 0.0, number, `0`),
		of("json_number", json.Number("12345678901234567890.5"), number, `12345678901234567890.5`),
		of("big_int", *huge, whole, `123456789012345678901234567890`),
		of("any", any(map[string]any{"a": []any{1.5, "x", nil, true}}), anything, `{"a":[1.5,"x",null,true]}`),
		of("any_text", any("x"), anything, `"x"`),
		of("raw", json.RawMessage(`{"b":1,"a":[12345678901234567890]}`), anything, `{"b":1,"a":[12345678901234567890]}`),
	}
}

func textual() []Case {
	return []Case{
		of("time", noon, moment, `"2026-01-31T12:00:00.5Z"`),
		nonzero("time_omitzero", noon, moment, `"2026-01-31T12:00:00.5Z"`),
		of("duration", 90*time.Minute, span, `"1h30m0s"`).std(`5400000000000`),
		of("duration_short", -1500*time.Microsecond, span, `"-1.5ms"`).std(`-1500000`),
		of("enum", High, text, `"high"`),
		of("addr", address, text, `"192.0.2.1"`),
		of("prefix", prefix, text, `"2001:db8::/32"`),
		of("addr_port", port, text, `"192.0.2.1:443"`),
		of("ip", ip, text, `"192.0.2.1"`),
		of("rat", *third, text, `"1/3"`),
		of("slog_level", slog.LevelWarn, text, `"WARN"`),
		of("text_by_pointer", Temperature{215}, text, `"215dC"`),
		of("own_schema", Money{1999}, `{"description":"x","pattern":"^-?[0-9]+ct$","type":"string"}`, `"1999ct"`),
	}
}

func lists() []Case {
	inner := func(schema string) string { return `{"type":"` + schema + `"}` }
	fixed := func(items, n string) string {
		return `{"type":"array","description":"x","minItems":` + n + `,"maxItems":` + n + `,"items":` + items + `}`
	}
	return []Case{
		of("strings", []string{"a", "b"}, list(inner("string")), `["a","b"]`),
		of("strings_named", Words{"a"}, list(inner("string")), `["a"]`),
		of("strings_empty", []string{}, list(inner("string")), `[]`),
		of("ints", []int{1, -2}, list(inner("integer")), `[1,-2]`),
		of("matrix", [][]float64{{1, 2.5}, {}}, list(`{"type":"array","items":{"type":"number"}}`), `[[1,2.5],[]]`),
		of("array", [3]int{1, 2, 3}, fixed(inner("integer"), "3"), `[1,2,3]`),
		of("array_of_text", [1]Level{High}, fixed(inner("string"), "1"), `["high"]`),
		of("array_of_bytes", [2]byte{1, 2}, fixed(`{"type":"integer","minimum":0,"maximum":255}`, "2"), `[1,2]`),
		of("bytes", []byte("hi"), base64, `"aGk="`),
		of("bytes_named", Blob("hi"), base64, `"aGk="`),
		of("bytes_list", [][]byte{{1}, {}}, list(`{"type":"string","contentEncoding":"base64"}`), `["AQ==",""]`),
		of("anys", []any{"x", 1.0}, list(`{}`), `["x",1]`),
		of("points", []Point{{1, 2}, {3, 0}}, list(point), `[{"x":1,"y":2},{"x":3}]`).output(list(openPoint)),
		of("addrs", []netip.Addr{address}, list(inner("string")), `["192.0.2.1"]`),
		of("durations", []time.Duration{time.Second}, list(`{"type":"string","pattern":"^-?([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$"}`), `["1s"]`).std(`[1000000000]`),
		of("raws", []json.RawMessage{[]byte(`1`), []byte(`"x"`)}, list(`{}`), `[1,"x"]`),
	}
}

func maps() []Case {
	return []Case{
		of("map", map[string]int{"b": 1, "a": 2, "": 3}, dictionary(`{"type":"integer"}`), `{"":3,"a":2,"b":1}`),
		of("map_named", Lookup{"a": 1}, dictionary(`{"type":"integer"}`), `{"a":1}`),
		of("map_empty", map[string]bool{}, dictionary(`{"type":"boolean"}`), `{}`),
		of("map_by_word", map[Word]string{"k": "v"}, dictionary(`{"type":"string"}`), `{"k":"v"}`),
		of("map_by_int", map[int]string{-1: "a", 10: "b"}, dictionary(`{"type":"string"}`), `{"-1":"a","10":"b"}`),
		of("map_by_uint8", map[uint8]bool{255: true}, dictionary(`{"type":"boolean"}`), `{"255":true}`),
		of("map_by_enum", map[Level]int{Low: 1, High: 2}, dictionary(`{"type":"integer"}`), `{"high":2,"low":1}`),
		of("map_by_addr", map[netip.Addr]string{address: "x"}, dictionary(`{"type":"string"}`), `{"192.0.2.1":"x"}`),
		of("map_of_any", map[string]any{"a": 1.5, "b": nil}, dictionary(`{}`), `{"a":1.5,"b":null}`),
		of("map_of_lists", map[string][]string{"a": {"x"}}, dictionary(`{"type":"array","items":{"type":"string"}}`), `{"a":["x"]}`),
		of("map_of_maps", map[string]map[string]int{"a": {"b": 1}}, dictionary(`{"type":"object","additionalProperties":{"type":"integer"}}`), `{"a":{"b":1}}`),
		of("map_of_points", map[string]Point{"p": {1, 2}}, dictionary(point), `{"p":{"x":1,"y":2}}`).output(dictionary(openPoint)),
		of("map_of_times", map[string]time.Time{"t": noon}, dictionary(`{"type":"string","format":"date-time"}`), `{"t":"2026-01-31T12:00:00.5Z"}`),
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
		both(of("struct", Point{1, 0}, "", `{"x":1}`), x, `"x"`),
		of("struct_nested", Nested{"n", Point{1, 2}}, object(nested(shut), `"name","point"`), `{"name":"n","point":{"x":1,"y":2}}`).
			output(open(nested(""), `"name","point"`)),
		both(of("struct_without_fields", struct{}{}, "", `{}`), "", ""),
		both(of("struct_hidden", Hidden{Shown: "s"}, "", `{"shown":"s"}`), `"shown":{"type":"string","description":"x"}`, `"shown"`),
		both(of("embedded", Embedding{Base{"i", ""}, base{4}, "o"}, "", `{"id":"i","inner":4,"own":"o"}`), id+`,`+note+`,`+inner+`,`+own, `"id","inner","own"`),
		of("embedded_pointer", EmbeddingPointer{&Base{"i", "n"}, "o"}, object(id+`,`+note+`,`+own, `"id","own"`), `{"id":"i","note":"n","own":"o"}`).
			output(open(id+`,`+note+`,`+own, `"own"`)),
		both(of("embedded_shadowed", Shadowing{Embedding{Base{"", ""}, base{4}, "o"}, 5}, "", `{"inner":4,"own":"o","id":5}`),
			note+`,`+inner+`,`+own+`,"id":{"type":"integer","description":"x"}`, `"inner","own","id"`),
		of("embedded_named", EmbeddingNamed{Base{"i", ""}, "o"}, object(named(shut), `"base","own"`), `{"base":{"id":"i"},"own":"o"}`).
			output(open(named(""), `"base","own"`)),
		both(of("generic", Page[string]{Items: []string{"a"}}, "", `{"items":["a"]}`), list("items")+`,"next":{"type":"string","description":"x"}`, `"items"`),
		both(of("generic_pair", Pair[Level, int]{High, 2, map[Level]int{Low: 1}}, "", `{"first":"high","second":2,"by_key":{"low":1}}`), pair, `"first","second","by_key"`),
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
		of("pointer_to_struct_required", &Point{1, 2}, described, `{"x":1,"y":2}`).
			output(`{"type":["object","null"],"description":"x",` + openPoint[len(`{"type":"object",`):]),
		optional("pointer_to_slice", &words, list(`{"type":"string"}`), `["a"]`),
		optional("pointer_to_map", &lookup, dictionary(`{"type":"integer"}`), `{"a":1}`),
		of("pointers", []*int{&one, &two}, list(`{"type":"integer"}`), `[1,2]`).output(list(null("integer"))),
		of("pointers_to_structs", []*Point{{1, 0}}, list(point), `[{"x":1}]`).output(list(openOrNull)),
		of("map_of_pointers", map[string]*int{"a": &one}, dictionary(`{"type":"integer"}`), `{"a":1}`).output(dictionary(null("integer"))),
		of("big_int_pointer", huge, whole, `123456789012345678901234567890`).output(`{"type":["integer","null"],"description":"x"}`),
		of("big_float_pointer", half(), text, `"0.5"`).output(`{"type":["string","null"],"description":"x"}`),
		of("regexp_pointer", pattern, text, `"^a+$"`).output(`{"type":["string","null"],"description":"x"}`),
		of("map_of_text_pointers", map[string]*Temperature{"t": {5}}, dictionary(`{"type":"string"}`), `{"t":"5dC"}`).output(dictionary(null("string"))),
		optional("omitempty_list", []net.IP{ip}, list(`{"type":"string"}`), `["192.0.2.1"]`),
		optional("big_rat_list", []*big.Rat{third}, list(`{"type":"string"}`), `["1/3"]`).output(list(null("string"))),
	}
}
