package configfile

import (
	"bytes"
	"encoding/json"
	"reflect"

	"serverless-mcp/internal/clients/clientconfig"
)

// generic is a value of ours as the decoders give it.
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

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// lookUp finds what stands at path. A null is taken for nothing.
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

// prune takes out objects that are empty, at the top only: in TOML an object
// of tables ends with its last one.
func prune(data map[string]any) {
	for name, value := range data {
		if object, ok := value.(map[string]any); ok && len(object) == 0 {
			delete(data, name)
		}
	}
}

// decodeJSON reads standard JSON, with numbers as they are written.
func decodeJSON(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}
