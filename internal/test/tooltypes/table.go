package tooltypes

import (
	"encoding/json"
	"log/slog"
	"math"
	"time"
)

const (
	text      = `{"type":"string","description":"x"}`
	shortText = `{"type":"string","description":"x","maxLength":1000}` // limited, because parsing takes time that grows with the length
	whole     = `{"type":"integer","description":"x"}`
	number    = `{"type":"number","description":"x"}`
	anything  = `{"description":"x"}`
	moment    = `{"type":"string","description":"x","format":"date-time"}`
	span      = `{"type":"string","description":"x","pattern":"^-?([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$"}`
	base64    = `{"type":"string","description":"x","contentEncoding":"base64"}`
	point     = `{"type":"object","properties":{"x":{"type":"integer","description":"x"},"y":{"type":"integer","description":"x"}},` +
		`"required":["x"],"additionalProperties":false}`
	openPoint = `{"type":"object","properties":{"x":{"type":"integer","description":"x"},"y":{"type":"integer","description":"x"}},"required":["x"]}`
)

// list returns the schema of a list.
func list(items string) string { return `{"type":"array","description":"x","items":` + items + `}` }

// dictionary returns the schema of a map.
func dictionary(values string) string {
	return `{"type":"object","description":"x","additionalProperties":` + values + `}`
}

// object returns the schema of a struct in arguments.
func object(properties, required string) string {
	return open(properties, required)[:len(open(properties, required))-1] + `,"additionalProperties":false}`
}

// open returns the schema of a struct in results.
func open(properties, required string) string {
	return `{"type":"object","description":"x","properties":{` + properties + `},"required":[` + required + `]}`
}

// Table returns all cases. A case stores the last value that its tool received, so each test
// must call Table.
func Table() []Case {
	var all []Case
	for _, some := range [][]Case{basic(), textual(), lists(), maps(), structs(), embedded(), pointers(), library()} {
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
		required("string", "héllo <&> \u2028 \"q\"", text, `"héllo <&> \u2028 \"q\""`),
		required("string_empty", "", text, `""`),
		required("string_named", Word("w"), text, `"w"`),
		required("bool", true, `{"type":"boolean","description":"x"}`, `true`),
		required("bool_named", Switch(true), `{"type":"boolean","description":"x"}`, `true`),
		required("int", -5, whole, `-5`),
		required("int_named", Count(7), whole, `7`),
		required("int8", int8(-128), bounded("-128", "127"), `-128`),
		required("int16", int16(32767), bounded("-32768", "32767"), `32767`),
		required("int32", int32(-2147483648), bounded("-2147483648", "2147483647"), `-2147483648`),
		required("rune", 'ü', bounded("-2147483648", "2147483647"), `252`),
		required("int64", int64(math.MaxInt64), whole, `9223372036854775807`),
		required("int64_least", int64(math.MinInt64), whole, `-9223372036854775808`),
		required("uint", uint(1), positive, `1`),
		required("uint8", uint8(255), bounded("0", "255"), `255`),
		required("uint16", uint16(65535), bounded("0", "65535"), `65535`),
		required("uint32", uint32(math.MaxUint32), bounded("0", "4294967295"), `4294967295`),
		required("uint64", uint64(math.MaxUint64), positive, `18446744073709551615`),
		required("uintptr", uintptr(9), positive, `9`),
		required("float32", float32(0.1), number, `0.1`),
		required("float32_named", Share(1.5e-7), number, `1.5e-7`),
		required("float64", 0.30000000000000004, number, `0.30000000000000004`),
		required("float64_large", 1e21, number, `1e+21`),
		required("float64_small", 1e-7, number, `1e-7`),
		required("float64_whole", 0.0, number, `0`),
		required("json_number", json.Number("12345678901234567890.5"), number, `12345678901234567890.5`),
		required("big_int", *huge, whole, `123456789012345678901234567890`),
		required("any", any(map[string]any{"a": []any{1.5, "x", nil, true}}), anything, `{"a":[1.5,"x",null,true]}`),
		required("any_text", any("x"), anything, `"x"`),
		required("raw", json.RawMessage(`{"b":1,"a":[12345678901234567890]}`), anything, `{"b":1,"a":[12345678901234567890]}`),
	}
}

func textual() []Case {
	return []Case{
		required("time", noon, moment, `"2026-01-31T12:00:00.5Z"`),
		nonzero("time_omitzero", noon, moment, `"2026-01-31T12:00:00.5Z"`),
		required("duration", 90*time.Minute, span, `"1h30m0s"`).std(`5400000000000`),
		required("duration_short", -1500*time.Microsecond, span, `"-1.5ms"`).std(`-1500000`),
		required("enum", High, text, `"high"`),
		required("addr", address, text, `"192.0.2.1"`),
		required("prefix", prefix, text, `"2001:db8::/32"`),
		required("addr_port", port, text, `"192.0.2.1:443"`),
		required("ip", ip, text, `"192.0.2.1"`),
		required("rat", *third, shortText, `"1/3"`).output(text),
		required("slog_level", slog.LevelWarn, text, `"WARN"`),
		required("text_by_pointer", Temperature{215}, text, `"215dC"`),
		required("own_schema", Money{1999}, `{"description":"x","pattern":"^-?[0-9]+ct$","type":"string"}`, `"1999ct"`),
	}
}
