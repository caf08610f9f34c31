package tool

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// encode writes a result as its schema describes it. encoding/json alone would
// write a nil slice or map as null, which is neither list nor object, and which
// clients that check results against the schema refuse.
func encode(s *schema, v reflect.Value) ([]byte, error) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return []byte("null"), nil
		}
		v = v.Elem()
	}
	switch s.kind {
	case kindObject:
		return encodeObject(s, v)
	case kindArray:
		return encodeList(s, v)
	default:
		return leaf(v.Interface())
	}
}

// leaf writes a value without the escapes that only HTML needs: models read
// the text, and R\u0026D would be one more puzzle for them.
func leaf(value any) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return bytes.TrimRight(buf.Bytes(), "\n"), err
}

func encodeObject(s *schema, v reflect.Value) ([]byte, error) {
	var b ordered
	if s.elem == nil {
		for _, f := range s.fields {
			value := v.Field(f.index)
			if f.omitEmpty && isEmpty(value) {
				continue
			}
			text, err := encode(f.schema, value)
			b.raw(f.name, text, err)
		}
		return b.object()
	}
	values := map[string]reflect.Value{}
	for _, key := range v.MapKeys() {
		values[key.String()] = v.MapIndex(key)
	}
	for _, name := range sortedKeys(values) {
		text, err := encode(s.elem, values[name])
		b.raw(name, text, err)
	}
	return b.object()
}

func encodeList(s *schema, v reflect.Value) ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			buf.WriteByte(',')
		}
		text, err := encode(s.elem, v.Index(i))
		if err != nil {
			return nil, err
		}
		buf.Write(text)
	}
	buf.WriteByte(']')
	return buf.Bytes(), nil
}

// isEmpty reports whether omitempty leaves the value out, as encoding/json has it.
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
