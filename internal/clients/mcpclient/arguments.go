package mcpclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
)

// Arguments converts name=value pairs to the types of a tool's input schema, as far as JSON
// requires: "3" becomes a number if the schema has a number there, and a string if it has a
// string. The server checks whether a value is allowed. Lists and objects are written as
// JSON; a list can also be written by repeating its name. The error has all problems.
func Arguments(tool mcp.Tool, pairs []string) (map[string]any, error) {
	args := map[string]any{}
	var problems []string
	for _, pair := range pairs {
		if err := addArgument(args, tool.InputSchema.Properties, pair); err != nil {
			problems = append(problems, err.Error())
		}
	}
	if problems != nil {
		return nil, fmt.Errorf("%s: %s", tool.Name, strings.Join(problems, "; "))
	}
	return args, nil
}

func addArgument(args map[string]any, properties map[string]any, pair string) error {
	name, text, ok := strings.Cut(pair, "=")
	if !ok {
		return fmt.Errorf("%q is not of the form name=value", pair)
	}
	schema, known := properties[name].(map[string]any)
	if !known && len(properties) == 0 {
		return fmt.Errorf("%q is not an argument: the tool takes none", name)
	}
	if !known {
		return fmt.Errorf("%q is not an argument, it has %s", name, strings.Join(slices.Sorted(maps.Keys(properties)), ", "))
	}
	earlier, again := args[name]
	if list, isList := earlier.([]any); again && !isList {
		return fmt.Errorf("%s is given twice", name)
	} else if isList {
		value, err := typed(itemsOf(schema), text)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		args[name] = append(list, value)
		return nil
	}
	value, err := typed(schema, text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	args[name] = value
	return nil
}

// typed parses text as a value of the schema's type.
func typed(schema map[string]any, text string) (any, error) {
	switch types := typesOf(schema); {
	case slices.Contains(types, "string"):
		return text, nil
	case slices.Contains(types, "array") && !strings.HasPrefix(strings.TrimSpace(text), "["):
		item, err := typed(itemsOf(schema), text)
		return []any{item}, err
	case len(types) == 0: // any type: JSON if it can be parsed, otherwise text
		if value, err := decode(text); err == nil {
			return value, nil
		}
		return text, nil
	default:
		value, err := decode(text)
		if err != nil || !slices.ContainsFunc(types, func(t string) bool { return isType(value, t) }) {
			return nil, fmt.Errorf("%q is not %s", text, strings.Join(describe(types), " or "))
		}
		return value, nil
	}
}

// decode parses JSON and keeps numbers as they are written.
func decode(text string) (any, error) {
	if !json.Valid([]byte(text)) { // a decoder would ignore what follows the first value
		return nil, errors.New("not JSON")
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var value any
	err := d.Decode(&value)
	return value, err
}

func isType(value any, name string) bool {
	switch value.(type) {
	case json.Number:
		return name == "number" || name == "integer"
	case bool:
		return name == "boolean"
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	case nil:
		return name == "null"
	}
	return false
}

// typesOf returns the types that a schema allows, directly or by alternatives, with which
// many servers write an optional value; nil means any type.
func typesOf(schema map[string]any) []string {
	switch t := schema["type"].(type) {
	case string:
		return []string{t}
	case []any:
		var all []string
		for _, one := range t {
			if s, ok := one.(string); ok {
				all = append(all, s)
			}
		}
		return all
	}
	var all []string
	for _, alternative := range alternatives(schema) {
		types := typesOf(alternative)
		if types == nil {
			return nil
		}
		all = append(all, types...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// itemsOf returns the schema of a list's items.
func itemsOf(schema map[string]any) map[string]any {
	items, _ := schema["items"].(map[string]any)
	for _, alternative := range alternatives(schema) {
		if items == nil {
			items = itemsOf(alternative)
		}
	}
	return items
}

// alternatives returns the schemas in anyOf or oneOf.
func alternatives(schema map[string]any) []map[string]any {
	var all []map[string]any
	for _, keyword := range []string{"anyOf", "oneOf"} {
		list, _ := schema[keyword].([]any)
		for _, item := range list {
			alternative, _ := item.(map[string]any)
			all = append(all, alternative)
		}
	}
	return all
}

// describe returns descriptions of the types.
func describe(types []string) []string {
	names := map[string]string{
		"number": "a number", "integer": "a whole number", "boolean": "true or false",
		"array": "a JSON list", "object": "a JSON object", "null": "null",
	}
	var all []string
	for _, t := range types {
		all = append(all, names[t])
	}
	return all
}
