package surface

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// maxRefs is the number of consecutive references above which they are treated as a loop.
const maxRefs = 10

// normalize returns a schema in the form that is compared: with its reference replaced with
// the definition, and in one form where JSON Schema has two. root has the definitions. refs
// has the references, so that a recursive schema is compared once.
func normalize(value any, root map[string]any) (schema map[string]any, refs string) {
	schema = object(value)
	for range maxRefs {
		ref, _ := schema["$ref"].(string)
		definition, ok := resolve(ref, root)
		if !ok {
			break
		}
		siblings := maps.Clone(schema) // $ref, and the keywords that narrow it here
		for _, word := range []string{"description", "title", "examples", "default"} {
			delete(siblings, word)
		}
		text, _ := json.Marshal(siblings) // it was decoded from JSON
		refs += " " + string(text)
		merged := maps.Clone(definition)
		for keyword, v := range schema {
			if keyword != "$ref" {
				merged[keyword] = v
			}
		}
		schema = merged
	}
	schema = maps.Clone(schema)
	for _, keyword := range []string{"items", "additionalProperties"} {
		if o, ok := schema[keyword].(map[string]any); ok && len(o) == 0 || schema[keyword] == true {
			delete(schema, keyword) // these values allow everything
		}
	}
	if constant, ok := schema["const"]; ok && schema["enum"] == nil {
		schema["enum"] = []any{constant}
		delete(schema, "const")
	}
	for _, keyword := range []string{"minLength", "minItems", "minProperties"} {
		if r, ok := rational(schema[keyword]); ok && r.Sign() == 0 {
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

// foldNull rewrites a schema with null as one of two alternatives as a schema with two types,
// which is the other way to allow null. refs is as for [normalize].
func foldNull(schema, root map[string]any) (merged map[string]any, refs string) {
	for _, keyword := range []string{"anyOf", "oneOf"} {
		list := asList(schema[keyword])
		at := slices.IndexFunc(list, func(v any) bool { return equal(v, map[string]any{"type": "null"}) })
		if len(list) != 2 || at < 0 || schema["type"] != nil {
			continue
		}
		other, refs := normalize(list[1-at], root)
		if name, ok := other["type"].(string); ok && name != "null" && other["enum"] == nil && !hasAlternatives(other) {
			merged = maps.Clone(other)
			maps.Copy(merged, schema) // keywords next to the alternatives apply too
			delete(merged, keyword)
			merged["type"] = []any{name, "null"}
			return merged, refs
		}
	}
	return schema, ""
}

func hasAlternatives(schema map[string]any) bool {
	return schema["anyOf"] != nil || schema["oneOf"] != nil
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

// object returns a schema as an object. The schema true allows everything, and false
// nothing.
func object(value any) map[string]any {
	if value == false {
		return map[string]any{"not": map[string]any{}}
	}
	o, _ := value.(map[string]any)
	return o
}
