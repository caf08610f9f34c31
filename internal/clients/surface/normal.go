package surface

import (
	"maps"
	"strings"
)

// maxRefs is the number of references in a row above which they are taken for a loop.
const maxRefs = 10

// normal returns a schema in the form that is compared: with the definition that it
// refers to, and with one way to write what JSON Schema can write in two. root has the
// definitions. refs names the references, so that a recursive schema is compared once.
func normal(value any, root map[string]any) (schema map[string]any, refs string) {
	schema = object(value)
	for range maxRefs {
		ref, _ := schema["$ref"].(string)
		definition, ok := resolve(ref, root)
		if !ok {
			break
		}
		refs += " " + ref
		merged := maps.Clone(definition)
		for keyword, v := range schema {
			if keyword != "$ref" {
				merged[keyword] = v
			}
		}
		schema = merged
	}
	schema = maps.Clone(schema)
	if constant, ok := schema["const"]; ok && schema["enum"] == nil {
		schema["enum"] = []any{constant}
		delete(schema, "const")
	}
	for _, keyword := range []string{"minLength", "minItems", "minProperties"} {
		if schema[keyword] == 0.0 {
			delete(schema, keyword)
		}
	}
	for _, keyword := range []string{"uniqueItems", "deprecated"} {
		if schema[keyword] == false {
			delete(schema, keyword)
		}
	}
	return schema, refs
}

// resolve returns a definition of the same document, such as #/$defs/city.
func resolve(ref string, root map[string]any) (map[string]any, bool) {
	pointer, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return nil, false
	}
	schema := root
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if name == "" {
			continue
		}
		name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
		if schema, ok = schema[name].(map[string]any); !ok {
			return nil, false
		}
	}
	return schema, true
}

// object returns a schema as an object: true allows everything, and false nothing.
func object(value any) map[string]any {
	if value == false {
		return map[string]any{"not": map[string]any{}}
	}
	o, _ := value.(map[string]any)
	return o
}
