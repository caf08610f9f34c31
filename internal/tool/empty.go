package tool

import "reflect"

// fieldAt returns the field at an index path; ok is false if an embedded pointer on the
// path is nil.
func fieldAt(v reflect.Value, index []int) (field reflect.Value, ok bool) {
	for _, at := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(at)
	}
	return v, true
}

// isEmpty reports whether encoding/json omits the value with omitempty.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

// isZero reports whether encoding/json omits the value with omitzero. It uses the method
// IsZero of the type, or of a pointer to the type, if there is one.
func isZero(v reflect.Value) bool {
	switch pointer := v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface; {
	case pointer && v.IsNil():
		return true
	case v.Type().Implements(zeroer):
	case !pointer && reflect.PointerTo(v.Type()).Implements(zeroer):
		if !v.CanAddr() { // a map's value
			addressable := reflect.New(v.Type()).Elem()
			addressable.Set(v)
			v = addressable
		}
		v = v.Addr()
	default:
		return v.IsZero()
	}
	if !v.CanInterface() { // an embedded field of an unexported type
		return reflect.Indirect(v).IsZero()
	}
	z, ok := v.Interface().(interface{ IsZero() bool })
	return ok && z.IsZero()
}

var zeroer = reflect.TypeFor[interface{ IsZero() bool }]()
