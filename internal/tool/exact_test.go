package tool

import (
	"encoding/json"
	"log/slog"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDecimal(t *testing.T) {
	texts := []string{"0", "-0", "0.0", "0e9", "1", "-1", "10", "1e1", "0.1", "1e-1", "0.10", "123.456", "12345.6e-2", "-2.5", "9007199254740993", "9007199254740992.5",
		"1e300", "1e-300", "1e301", "99", "100", "101", "0.999", "1.001", "-0.5", "1e2", "18446744073709551615", "18446744073709551616"}
	for _, a := range texts {
		x, _ := new(big.Rat).SetString(a)
		if got := parseDecimal(a).whole(); got != x.IsInt() {
			t.Errorf("%s: whole %v, want %v", a, got, x.IsInt())
		}
		if digits, ok := parseDecimal(a).integer(); ok {
			if n, valid := new(big.Int).SetString(digits, 10); !valid || n.Cmp(x.Num()) != 0 || !x.IsInt() {
				t.Errorf("%s: integer %s", a, digits)
			}
		}
		for _, b := range texts {
			y, _ := new(big.Rat).SetString(b)
			if got := parseDecimal(a).compare(parseDecimal(b)); got != x.Cmp(y) {
				t.Errorf("compare %s and %s: %d, want %d", a, b, got, x.Cmp(y))
			}
		}
	}
	for _, text := range []string{"1e99999999999999999999", "-1e99999999999999999999", "1e-99999999999999999999"} {
		if d := parseDecimal(text); d.compare(parseDecimal("0")) == 0 {
			t.Errorf("%s equals 0", text)
		}
	}
}

// A bound over 2^53 is as exact as any other.
func TestBoundsAreExact(t *testing.T) {
	type bounded struct {
		I int64   `json:"i,omitempty" min:"-9007199254740992" max:"9007199254740992" doc:"x"`
		U uint64  `json:"u,omitempty" min:"18446744073709551614" doc:"x"`
		F float64 `json:"f,omitempty" max:"0.1" doc:"x"`
		Z int     `json:"z,omitempty" max:"1e2" doc:"x"`
		B big.Int `json:"b,omitzero" doc:"x"`
		L string  `json:"l,omitempty" max:"999999999" doc:"x"`
	}
	b := builder{input: true}
	s := b.root(reflect.TypeFor[bounded](), "input")
	tests := map[string]string{
		`{"i":9007199254740992}`:             "",
		`{"i":9007199254740993}`:             "i must be a whole number from -9007199254740992 to 9007199254740992, or be left out, got 9007199254740993",
		`{"i":-9007199254740993}`:            "i must be a whole number from -9007199254740992 to 9007199254740992, or be left out, got -9007199254740993",
		`{"u":18446744073709551615}`:         "",
		`{"u":18446744073709551613}`:         "u must be a whole number of at least 18446744073709551614, or be left out, got 18446744073709551613",
		`{"u":18446744073709551616}`:         "u must be a whole number from 18446744073709551614 to 18446744073709551615, or be left out, got 18446744073709551616",
		`{"f":0.1}`:                          "",
		`{"f":0.1000000000000000000000001}`:  "f must be a number of at most 0.1, or be left out, got 0.1000000000000000000000001",
		`{"f":0.09999999999999999999999999}`: "",
		`{"z":100}`:                          "",
		`{"b":0}`:                            "", `{"b":-0.0}`: "", `{"b":1e999}`: "",
		`{"b":1e1000}`: "b must be a whole number, or be left out, got 1e1000",
		`{"b":1.5}`:    "b must be a whole number, or be left out, got 1.5",
		`{"z":101}`:    "z must be a whole number of at most 100, or be left out, got 101",
	}
	if b.problems != nil {
		t.Fatal(b.problems)
	}
	for arguments, want := range tests {
		var in bounded
		if got, _, err := decode(s, []byte(arguments), false, reflect.ValueOf(&in).Elem()); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", arguments, got, err, want)
		}
	}
}

func TestDuration(t *testing.T) {
	tests := []struct {
		text string
		want time.Duration
		ok   bool
	}{
		{"1h30m", 90 * time.Minute, true}, {"1.5h", 90 * time.Minute, true}, {"0", 0, true}, {"-1.5s", -1500 * time.Millisecond, true},
		{"0.25us", 250, true}, {"1.5µs", 1500, true}, {"1.5μs", 1500, true}, {"1h0.000000001s", time.Hour + 1, true}, {".5s", time.Second / 2, true},
		{"0.1ns", 0, false}, {"1.0000000001s", 0, false}, {"1h1.5ns", 0, false}, {"1", 0, false}, {"", 0, false}, {"P1D", 0, false}, {"3000000h", 0, false},
	}
	for _, tt := range tests {
		if got, ok := duration(tt.text); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%s: %v, %v, want %v, %v", tt.text, got, ok, tt.want, tt.ok)
		}
	}
}

func TestFloatText(t *testing.T) {
	for _, f := range []float64{0, 1, -1, 0.1, 1e20, 1e21, 1.5e300, 1e-6, 1e-7, -2.5e-9, 123456789.125} {
		var e encoder
		e.float(f, 64)
		want, err := leaf(f)
		if string(e.out) != string(want) || err != nil {
			t.Errorf("%v: %s, encoding/json writes %s", f, e.out, want)
		}
	}
	for _, f := range []float32{0, 0.1, 1e21, 1e-7, 16777216, 3.4e38} {
		var e encoder
		e.float(float64(f), 32)
		want, err := leaf(f)
		if string(e.out) != string(want) || err != nil {
			t.Errorf("%v: %s, encoding/json writes %s", f, e.out, want)
		}
	}
}

func TestText(t *testing.T) {
	for _, text := range []string{"", "plain", "é °C 東京 👍", "a\"b\\c\n", "R&D <b>", "\u2028\u2029", "\x7f\x00", "\xff", "…"} {
		var e encoder
		e.text(text)
		want, err := leaf(text)
		if string(e.out) != string(want) || err != nil {
			t.Errorf("%q: %s, encoding/json writes %s", text, e.out, want)
		}
	}
}

func TestFormats(t *testing.T) {
	tests := []struct {
		format, text string
		want         bool
	}{
		{"date", "2024-02-29", true}, {"date", "2023-02-29", false}, {"date", "2023-2-1", false}, {"date", "2023-02-01T00:00:00Z", false},
		{"date-time", "2026-01-31T12:00:00.123456789Z", true}, {"date-time", "2026-01-31T12:00:00.1234567891Z", false}, {"date-time", "2026-01-31T12:00:00", false},
		{"date-time", "2026-01-31T12:00:00+24:00", false}, {"date-time", "2026-01-31T12:00:00-23:59", true}, {"date-time", "2026-01-31T12:00:00+01:60", false},
		{"date-time", "2026-01-31T12:00:00,5Z", false}, {"date-time", "2026-01-31T1:00:00Z", false}, {"date-time", "2026-01-31T1:00:00+01:00", false}, {"date-time", "2026-01-31T12:00:00.Z", false},
		{"date-time", "2026-01-31T12:00:00.5+02:00", true}, {"date-time", "2026-01-31T12:00:00.5", false}, {"date-time", "2026-01-31T12:00:00 +02:00", false}, {"date-time", "2026-01-31T12:00:00+0200", false},
		{"date-time", "2026-01-31T12:00:00+02:00", true}, {"date-time", "2026-01-31t12:00:00z", false}, {"date-time", "2026-01-31T24:00:00Z", false},
		{"email", "ada.byron+x@mail.example.com", true}, {"email", "a@b", false}, {"email", "a@@b.c", false}, {"email", ".a@b.c", false}, {"email", "a b@c.d", false},
		{"email", "a@" + strings.Repeat("bcdefghij.", 25) + "klm", true}, {"email", "a@" + strings.Repeat("bcdefghij.", 25) + "klmnop", false},
		{"uri", "https://a/?x=%20", true}, {"uri", "https://a/?x=%2", false},
		{"email", "a@-b.c", false}, {"email", "a@b..c", false}, {"email", "Ada <a@b.c>", false}, {"email", "ä@b.c", false},
		{"uri", "https://example.com", true}, {"uri", "urn:isbn:1", true}, {"uri", "user://1?x=%20#f", true}, {"uri", "/a", false}, {"uri", "a b:c", false},
		{"uri", "https://exämple.com", false}, {"uri", "https://a/%zz", false}, {"uri", "https://a/?%zz", false}, {"uri", "", false}, {"uri", "https://a#b#c", false},
		{"uuid", "123E4567-e89b-12d3-a456-426614174000", true}, {"uuid", "123e4567-e89b-12d3-a456-42661417400", false},
		{"uuid", "{123e4567-e89b-12d3-a456-426614174000}", false}, {"uuid", "123e4567-e89b-12d3-a456-426614174000-", false}, {"uuid", "g23e4567-e89b-12d3-a456-426614174000", false},
	}
	for _, tt := range tests {
		if got := hasFormat(tt.format, tt.text); got != tt.want {
			t.Errorf("%s %q: %v, want %v", tt.format, tt.text, got, tt.want)
		}
	}
}

// A big.Int accepts whole numbers, zero included, of up to 1,000 digits exactly.
func TestBigIntegers(t *testing.T) {
	type big1 struct {
		N *big.Int `json:"n" doc:"x"`
	}
	b := builder{input: true}
	s := b.root(reflect.TypeFor[big1](), "input")
	if b.problems != nil {
		t.Fatal(b.problems)
	}
	largest := strings.Repeat("9", 1000)
	for text, want := range map[string]string{"0": "0", "-0": "0", "0.0": "0", "1e3": "1000", "-12": "-12", largest: largest, largest + "0": "", "1.5": ""} {
		var in big1
		problem, _, err := decode(s, []byte(`{"n":`+text+`}`), false, reflect.ValueOf(&in).Elem())
		if err != nil || (problem == "") != (want != "") || want != "" && in.N.String() != want {
			t.Errorf("%.20s: %v, %.200s, %v; want %.20s", text, in.N, problem, err, want)
		}
	}
}

// Texts are written as encoding/json writes them, without the escapes for HTML.
func TestTextsAreJSON(t *testing.T) {
	for c := range rune(0x2100) {
		for _, text := range []string{string(c), "a" + string(c) + "b"} {
			var e encoder
			e.text(text)
			var got string
			if err := json.Unmarshal(e.out, &got); err != nil || got != text {
				t.Fatalf("%q became %s, which is %q, %v", text, e.out, got, err)
			}
		}
	}
}

// A type whose JSON form is its text form, such as slog.Level, is a string.
func TestTextAndJSON(t *testing.T) {
	b := builder{input: true}
	s := b.root(reflect.TypeFor[struct {
		Level slog.Level `json:"level" doc:"x"`
	}](), "input")
	text, err := s.MarshalJSON()
	if b.problems != nil || err != nil || !strings.Contains(string(text), `"level":{"type":"string"`) {
		t.Errorf("%s, %v, %v; want a string", text, b.problems, err)
	}
}

// A server may not use metadata keys that look like those of the protocol.
func TestReservedMeta(t *testing.T) {
	for key, want := range map[string]bool{
		"mcp/x": true, "mcp.example/x": true, "com.mcp/x": true, "com.example.mcp.dev/x": true, "io.modelcontextprotocol/x": true, "modelcontextprotocol.io/x": true,
		"com.example.mcp/x": false, "com.example.more.mcp/x": false, "com.example/mcp": false, "mcp": false, "x": false, "com.mcps/x": false,
	} {
		if got := reservedMeta(key); got != want {
			t.Errorf("%q is reserved: %v, want %v", key, got, want)
		}
	}
}
