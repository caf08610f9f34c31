package surface

import (
	"bytes"
	"encoding/json"
	"math/big"
	"reflect"
	"strconv"
	"strings"
)

// decodeExact decodes JSON with numbers as json.Number: a float64 rounds integers over
// 2^53, so a changed limit could be missed.
func decodeExact(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

// maxExponent is over the largest exponent of a float64, 308. A few characters of a server's
// schema, such as 1e999999, would become a number of a million digits.
const maxExponent = 400

// rational returns the value of a number; ok is false for anything else, and if the exponent
// is over maxExponent.
func rational(value any) (r *big.Rat, ok bool) {
	n, ok := value.(json.Number)
	if !ok {
		return nil, false
	}
	text := n.String()
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		exponent, err := strconv.Atoi(text[at+1:])
		if err != nil || exponent > maxExponent || exponent < -maxExponent {
			return nil, false
		}
	}
	return new(big.Rat).SetString(text)
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
