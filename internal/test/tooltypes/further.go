package tooltypes

import (
	"encoding/json"
	"math"
	"math/big"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/google/uuid"
)

type (
	EmbeddingWord struct {
		Word `json:"word" doc:"x"`
		N    int `json:"n" doc:"x"`
	}
	EmbeddingOnly struct{ Base }
	EmbeddingTime struct { // has the text form of a time
		time.Time
		Note string
	}
	EmbeddingLevel struct { // has the text form of a level
		Level
		Note string
	}
	EmbeddingMoney struct { // has the JSON form and the schema of an amount
		Money
		Note string
	}
	Unset struct {
		At   time.Time `json:"at,omitzero" doc:"x"`
		Size [2]int    `json:"size,omitzero" doc:"x"`
		Mode *Level    `json:"mode,omitzero" doc:"x"`
	}
	Ignoring struct {
		Done chan int    `json:"-"`
		Call func()      `json:"-"`
		Err  error       `json:"-"`
		Hint interface{} `json:"hint,omitempty" doc:"x"`
	}
	Same  = Point // an alias
	Octet byte
	Step  int // an enum with only String, so it is encoded as a number
	Tags  []struct {
		Key string `json:"key" doc:"x"`
	}
	Quoted struct { // values as text, as JavaScript clients need large numbers
		ID    int64       `json:"id,string" doc:"x"`
		Small *uint8      `json:"small,string,omitempty" max:"9" doc:"x"`
		Rate  float64     `json:"rate,string" doc:"x"`
		On    bool        `json:"on,string" doc:"x"`
		Exact json.Number `json:"exact,string" doc:"x"`
		Step  Step        `json:"step,string" doc:"x"`
	}
)

// String implements fmt.Stringer.
func (Step) String() string { return "step" }

// embedded has types whose encoding comes from an embedded type, or that omit fields.
func embedded() []Case {
	id, note := `"id":{"type":"string","description":"x"}`, `"note":{"type":"string","description":"x"}`
	word := `"word":{"type":"string","description":"x"},"n":{"type":"integer","description":"x"}`
	unset := `"at":{"type":"string","description":"x","format":"date-time"},` +
		`"size":{"type":"array","description":"x","minItems":2,"maxItems":2,"items":{"type":"integer"}},"mode":{"type":"string","description":"x"}`
	both := func(c Case, properties, required string) Case {
		c.Schema, c.Output = object(properties, required), open(properties, required)
		return c
	}
	level, small := High, uint8(9)
	quoted := func(pattern string) string { return `{"type":"string","description":"x","pattern":"` + pattern + `"}` }
	number := quoted(`^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	values := `"id":` + quoted(`^(0|-?[1-9][0-9]*)$`) + `,"small":` + quoted(`^(0|[1-9][0-9]*)$`) + `,"rate":` + number +
		`,"on":` + quoted(`^(true|false)$`) + `,"exact":` + number + `,"step":` + quoted(`^(0|-?[1-9][0-9]*)$`)
	return []Case{
		both(required("quoted", Quoted{math.MinInt64, &small, 1e-7, true, "1.50", 3}, "",
			`{"id":"-9223372036854775808","small":"9","rate":"1e-7","on":"true","exact":"1.50","step":"3"}`), values, `"id","rate","on","exact","step"`),
		both(required("embedded_word", EmbeddingWord{"w", 1}, "", `{"word":"w","n":1}`), word, `"word","n"`),
		both(required("embedded_only", EmbeddingOnly{Base{"i", "n"}}, "", `{"id":"i","note":"n"}`), id+`,`+note, `"id"`),
		required("embedded_time", EmbeddingTime{Time: noon}, text, `"2026-01-31T12:00:00.5Z"`),
		required("embedded_level", EmbeddingLevel{Level: High}, text, `"high"`),
		required("embedded_money", EmbeddingMoney{Money: Money{5}}, `{"description":"x","pattern":"^-?[0-9]+ct$","type":"string"}`, `"5ct"`),
		both(required("unset", Unset{}, "", `{}`), unset, ""),
		both(required("unset_no_longer", Unset{noon, [2]int{1, 2}, &level}, "", `{"at":"2026-01-31T12:00:00.5Z","size":[1,2],"mode":"high"}`), unset, ""),
		both(required("ignored_fields", Ignoring{Hint: "h"}, "", `{"hint":"h"}`), `"hint":{"description":"x"}`, ""),
		both(required("alias", Same{1, 2}, "", `{"x":1,"y":2}`), `"x":{"type":"integer","description":"x"},"y":{"type":"integer","description":"x"}`, `"x"`),
		required("list_of_anonymous", Tags{{"a"}}, list(`{"type":"object","properties":{"key":{"type":"string","description":"x"}},"required":["key"],"additionalProperties":false}`), `[{"key":"a"}]`).
			output(list(`{"type":"object","properties":{"key":{"type":"string","description":"x"}},"required":["key"]}`)),
	}
}

// library has types of the standard library and of other modules.
func library() []Case {
	fixed := func(items string) string {
		return `{"type":"array","description":"x","minItems":2,"maxItems":2,"items":` + items + `}`
	}
	deep := &Point{1, 2}
	raw := json.RawMessage(`{"a":1}`)
	described := `{"type":"object","description":"x",` + point[len(`{"type":"object",`):]
	return []Case{
		required("uuid", uuid.UUID{1, 15: 2}, text, `"01000000-0000-0000-0000-000000000002"`),
		required("month", time.May, whole, `5`),
		required("weekday", time.Sunday, whole, `0`),
		required("stringer", Step(3), whole, `3`),
		required("hardware_addr", net.HardwareAddr{1, 2}, base64, `"AQI="`),
		required("bytes_of_own_type", []Octet{1, 2}, base64, `"AQI="`),
		required("url_values", url.Values{"q": {"a", "b"}}, dictionary(`{"type":"array","items":{"type":"string"}}`), `{"q":["a","b"]}`),
		required("array_of_arrays", [2][2]int{{1, 2}, {3, 4}}, fixed(`{"type":"array","minItems":2,"maxItems":2,"items":{"type":"integer"}}`), `[[1,2],[3,4]]`),
		required("json_numbers", []json.Number{"1", "2.50"}, list(`{"type":"number"}`), `[1,2.50]`),
		required("big_ints", []big.Int{*huge}, list(`{"type":"integer"}`), `[123456789012345678901234567890]`),
		required("zoned_time", time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC), moment, `"2026-01-31T12:00:00Z"`),
		required("map_by_prefix", map[netip.Prefix]int{prefix: 1}, dictionary(`{"type":"integer"}`), `{"2001:db8::/32":1}`),
		required("map_by_time", map[time.Time]int{noon: 1}, dictionary(`{"type":"integer"}`), `{"2026-01-31T12:00:00.5Z":1}`),
		required("map_by_uuid", map[uuid.UUID]bool{{1}: true}, dictionary(`{"type":"boolean"}`), `{"01000000-0000-0000-0000-000000000000":true}`),
		required("map_of_raws", map[string]json.RawMessage{"a": raw}, dictionary(`{}`), `{"a":{"a":1}}`),
		optional("pointer_to_pointer_to_struct", &deep, described, `{"x":1,"y":2}`).output(`{"type":"object","description":"x",` + openPoint[len(`{"type":"object",`):]),
		optional("pointer_to_raw", &raw, anything, `{"a":1}`),
		required("generic_of_generics", Pair[Word, Page[Level]]{"w", Page[Level]{Items: []Level{Low}}, map[Word]Page[Level]{}}, pairOfPages(`,"additionalProperties":false`),
			`{"first":"w","second":{"items":["low"]},"by_key":{}}`).output(pairOfPages("")),
	}
}

// pairOfPages is the schema of Pair[Word, Page[Level]].
func pairOfPages(closed string) string {
	items := `"properties":{"items":{"type":"array","description":"x","items":{"type":"string"}},"next":{"type":"string","description":"x"}},"required":["items"]` + closed
	return `{"type":"object","description":"x","properties":{"first":{"type":"string","description":"x"},` +
		`"second":{"type":"object","description":"x",` + items + `},` +
		`"by_key":{"type":"object","description":"x","additionalProperties":{"type":"object",` + items + `}}},` +
		`"required":["first","second","by_key"]` + closed + `}`
}
