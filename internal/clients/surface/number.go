package surface

import (
	"bytes"
	"encoding/json"
	"math/big"
	"reflect"
)

// decodeExact decodes JSON with numbers as json.Number: a float64 rounds integers over
// 2^53, so a changed limit could be missed.
func decodeExact(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

// rational returns the value of a number; ok is false for anything else.
func rational(value any) (r *big.Rat, ok bool) {
	n, ok := value.(json.Number)
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetString(n.String())
}

// equal compares values as JSON: 1 and 1.0 are the same.
func equal(a, b any) bool {
	v, ok := canonical(a)
	w, alsoOK := canonical(b)
	return ok && alsoOK && reflect.DeepEqual(v, w)
}

// canonical returns a value as JSON decodes it, with each number in canonical form.
func canonical(value any) (decoded any, ok bool) {
	text, err := json.Marshal(value)
	if err != nil || decodeExact(text, &decoded) != nil {
		return nil, false
	}
	return reduced(decoded), true
}

// fraction is a number in canonical form, such as 3/2.
type fraction string

func reduced(value any) any {
	switch value := value.(type) {
	case json.Number:
		if r, ok := rational(value); ok {
			return fraction(r.RatString())
		}
	case []any:
		for i := range value {
			value[i] = reduced(value[i])
		}
	case map[string]any:
		for name := range value {
			value[name] = reduced(value[name])
		}
	}
	return value
}
