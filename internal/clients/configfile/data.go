package configfile

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"serverless-mcp/internal/clients/clientconfig"
)

// generic converts a value of this package's callers to the types that the decoders return.
func generic(value any) any {
	switch v := value.(type) {
	case clientconfig.Object:
		m := map[string]any{}
		for _, member := range v {
			m[member.Name] = generic(member.Value)
		}
		return m
	case []string:
		list := []any{}
		for _, s := range v {
			list = append(list, s)
		}
		return list
	case []clientconfig.Object:
		list := []any{}
		for _, o := range v {
			list = append(list, generic(o))
		}
		return list
	}
	return value
}

// equal compares decoded values. Unlike reflect.DeepEqual, it treats NaNs as equal, because
// it compares the contents of two texts.
func equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && (a == nil) == (b == nil) && maps.EqualFunc(a, b, equal)
	case map[any]any: // YAML, with keys that are not strings
		b, ok := b.(map[any]any)
		return ok && maps.EqualFunc(a, b, equal)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case float64:
		b, ok := b.(float64)
		return ok && (a == b || a != a && b != b)
	}
	return reflect.DeepEqual(a, b)
}

// lookUp returns the value at path. A null counts as missing.
func lookUp(data map[string]any, path []string) (value any, found bool) {
	value = data
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value = object[name]; value == nil {
			return nil, false
		}
	}
	return value, true
}

// assign merges value into data at path.
func assign(data map[string]any, path []string, value any) error {
	for i, name := range path {
		if i == len(path)-1 {
			data[name] = merged(data[name], value)
			break
		}
		if data[name] == nil {
			data[name] = map[string]any{}
		}
		inner, ok := data[name].(map[string]any)
		if !ok {
			return notAnObject(path[:i+1])
		}
		data = inner
	}
	return nil
}

func merged(old, value any) any {
	a, ok := old.(map[string]any)
	b, ok2 := value.(map[string]any)
	if !ok || !ok2 {
		return value
	}
	for name, v := range b {
		a[name] = merged(a[name], v)
	}
	return a
}

func remove(data map[string]any, path []string) {
	last := len(path) - 1
	if parent, found := lookUp(data, path[:last]); found {
		if object, ok := parent.(map[string]any); ok && object[path[last]] != nil {
			delete(object, path[last])
		}
	}
}

// prune removes empty objects at the top level: in TOML, an object of tables
// exists only as long as it has one.
func prune(data map[string]any) {
	for name, value := range data {
		if object, ok := value.(map[string]any); ok && len(object) == 0 {
			delete(data, name)
		}
	}
}

// decodeJSON reads standard JSON and keeps numbers as they are written.
func decodeJSON(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

// Equal compares two values that [Get] returned.
func Equal(a, b any) bool { return equal(a, b) }
