package tool

import (
	"reflect"
	"strconv"
)

// integerRange returns the bounds of an integer type for the schema. It omits the bounds
// of 64-bit types, which JavaScript clients would round.
func integerRange(t reflect.Type) (low, high *bound, ok bool) {
	switch k := t.Kind(); k {
	case reflect.Int, reflect.Int64:
		return nil, nil, true
	case reflect.Uint, reflect.Uint64, reflect.Uintptr:
		return newBound("0"), nil, true
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		lowest, highest := typeRange(t)
		return newBound(lowest), newBound(highest), true
	}
	return nil, nil, false
}

// typeRange returns the lowest and the highest value of an integer type.
func typeRange(t reflect.Type) (lowest, highest string) {
	switch bits := t.Bits(); t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(-1<<(bits-1), 10), strconv.FormatInt(1<<(bits-1)-1, 10)
	default:
		return "0", strconv.FormatUint(1<<bits-1, 10)
	}
}

func newBound(text string) *bound {
	b := &bound{decimal: parseDecimal(text), text: text}
	b.length, _ = strconv.Atoi(text) // only lengths use it, and b.bound has checked those
	return b
}
