package surface

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Limits above which clients and models work less well.
const (
	maxTools  = 100      // Windsurf's limit; VS Code's is 128
	maxSchema = 16 << 10 // bytes of one schema, which is part of each prompt
)

// Warning is something in a surface that misleads or burdens models or people.
type Warning struct {
	Where string `json:"where"` // such as tool forecast, input.city.description
	Text  string `json:"text"`
}

// Warnings returns the warnings about a surface.
func Warnings(s Surface) []Warning {
	w := &warner{}
	if len(s.Tools) > maxTools {
		w.add("tools", fmt.Sprintf("there are %d; some clients use at most %d, and models choose less reliably among many", len(s.Tools), maxTools))
	}
	w.text("server, instructions", s.Server.Instructions)
	w.text("server, title", s.Server.Title)
	w.names(s)
	for _, t := range s.Tools {
		where := "tool " + t.Name
		w.texts(where, t.Title, t.Description)
		schemas := schemas(t)
		w.schema(where+", input", schemas.Input, true)
		w.schema(where+", output", schemas.Output, false)
	}
	for _, r := range s.Resources {
		w.texts("resource "+r.URI, r.Title, r.Description)
	}
	for _, t := range s.Templates {
		w.texts("template "+t.URITemplate, t.Title, t.Description)
	}
	for _, p := range s.Prompts {
		w.texts("prompt "+p.Name, p.Title, p.Description)
		for _, a := range p.Arguments {
			where := "prompt " + p.Name + ", arguments." + a.Name
			w.texts(where, a.Title, a.Description)
			if strings.TrimSpace(a.Description) == "" {
				w.add(where, "has no description")
			}
		}
	}
	return w.all
}

// warner collects the warnings.
type warner struct{ all []Warning }

func (w *warner) add(where, text string) { w.all = append(w.all, Warning{where, text}) }

func (w *warner) texts(where, title, description string) {
	w.text(where+", title", title)
	w.text(where+", description", description)
}

// names reports names that differ only in case, which people confuse, and which some file
// systems and clients do not distinguish.
func (w *warner) names(s Surface) {
	seen := map[string]string{}
	check := func(kind, name string) {
		w.name(kind+" "+name, name)
		key := kind + " " + strings.ToLower(name)
		if other, ok := seen[key]; ok {
			w.add(kind+" "+name, "differs from "+other+" in case only")
		}
		seen[key] = name
	}
	for _, t := range s.Tools {
		check("tool", t.Name)
	}
	for _, r := range s.Resources {
		check("resource", r.Name)
	}
	for _, t := range s.Templates {
		check("template", t.Name)
	}
	for _, p := range s.Prompts {
		check("prompt", p.Name)
	}
}

// schema checks the size of a schema and its texts, at every depth.
func (w *warner) schema(where string, schema map[string]any, arguments bool) {
	if text, err := json.Marshal(schema); err == nil && len(text) > maxSchema {
		w.add(where, fmt.Sprintf("the schema has %d bytes, over %d", len(text), maxSchema))
	}
	w.walk(where, schema, arguments)
}

func (w *warner) walk(where string, schema map[string]any, arguments bool) {
	w.texts(where, text(schema, "title"), text(schema, "description"))
	for _, keyword := range []string{"enum", "const", "default", "examples"} {
		w.values(where+", "+keyword, schema[keyword])
	}
	w.properties(where, object(schema["properties"]), arguments)
	for _, inner := range []struct{ keyword, mark string }{{"items", "[]"}, {"additionalProperties", "{}"}, {"contains", "[]"}, {"not", ".not"}} {
		if schema := object(schema[inner.keyword]); schema != nil {
			w.walk(where+inner.mark, schema, arguments)
		}
	}
	for _, keyword := range []string{"$defs", "definitions", "patternProperties"} {
		all := object(schema[keyword])
		for _, name := range slices.Sorted(maps.Keys(all)) {
			w.walk(where+"."+keyword+"."+name, object(all[name]), arguments)
		}
	}
	for _, keyword := range []string{"anyOf", "oneOf", "allOf", "prefixItems"} {
		for i, alternative := range asList(schema[keyword]) {
			w.walk(fmt.Sprintf("%s.%s[%d]", where, keyword, i), object(alternative), arguments)
		}
	}
}

func (w *warner) properties(where string, properties map[string]any, arguments bool) {
	seen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		here := where + "." + name
		property := object(properties[name])
		if arguments && strings.TrimSpace(text(property, "description")) == "" {
			w.add(here, "has no description")
		}
		if other, ok := seen[strings.ToLower(name)]; ok {
			w.add(here, "differs from "+other+" in case only")
		}
		seen[strings.ToLower(name)] = name
		w.name(here, name)
		w.walk(here, property, arguments)
	}
}

// values looks for hidden characters in values that models read. Values may look like
// instructions: "always ask" is a value of many settings.
func (w *warner) values(where string, value any) {
	switch value := value.(type) {
	case string:
		w.hidden(where, value)
	case []any:
		for _, v := range value {
			w.values(where, v)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			w.hidden(where, name)
			w.values(where, value[name])
		}
	}
}
