package surface

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Limits beyond which clients and models get worse.
const (
	maxTools  = 100      // Windsurf's limit; VS Code's is 128
	maxSchema = 16 << 10 // bytes of one schema, which is part of each prompt
)

// Warning is something in a surface that hurts models or people.
type Warning struct {
	Where string `json:"where"` // such as tool forecast, input.city.description
	Text  string `json:"text"`
}

// Warnings returns what hurts in a surface.
func Warnings(s Surface) []Warning {
	w := &warner{}
	if len(s.Tools) > maxTools {
		w.add("tools", fmt.Sprintf("there are %d; some clients use at most %d, and models choose worse among many", len(s.Tools), maxTools))
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

type warner struct{ all []Warning }

func (w *warner) add(where, text string) { w.all = append(w.all, Warning{where, text}) }

func (w *warner) texts(where, title, description string) {
	w.text(where+", title", title)
	w.text(where+", description", description)
}

// names reports names that differ in case only, which people confuse and some file
// systems and clients do not distinguish.
func (w *warner) names(s Surface) {
	seen := map[string]string{}
	check := func(kind, name string) {
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
	for _, v := range asList(schema["enum"]) {
		if value, ok := v.(string); ok {
			w.hidden(where+", enum", value)
		}
	}
	properties := object(schema["properties"])
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
		w.hidden(here, name)
		w.walk(here, property, arguments)
	}
	for keyword, mark := range map[string]string{"items": "[]", "additionalProperties": "{}"} {
		if inner := object(schema[keyword]); inner != nil {
			w.walk(where+mark, inner, arguments)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object(schema["$defs"]))) {
		w.walk(where+".$defs."+name, object(object(schema["$defs"])[name]), arguments)
	}
}

// orders finds sentences that steer the model beyond what the tool does. Clients
// and scanners treat them as an attack.
var orders = regexp.MustCompile(`(?i)` + strings.Join([]string{
	`\bignore (all |any |the )?(previous|prior|other|above|earlier)\b`, `\bdisregard\b`, `\byou (must|should|have to|are required to)\b`,
	`\b(always|never) (call|use|invoke|run|mention|tell|reveal|ask)\b`, `\bbefore (using|calling|you call|you use) (any|this|other|another)\b`,
	`\bdo not (tell|inform|mention|reveal|show|ask)\b`, `\bwithout (telling|informing|asking) the user\b`,
	`<\s*(important|system|instructions?)\s*>`, `\bsystem prompt\b`, `\binstead of (any )?other tools?\b`,
	`\bpass (the )?(contents?|text) of\b`,
}, "|"))

func (w *warner) text(where, text string) {
	w.hidden(where, text)
	if found := orders.FindString(text); found != "" && !strings.HasPrefix(where, "server, instructions") {
		w.add(where, fmt.Sprintf("gives the model an order: %q; describe what the tool does instead", found))
	}
}

// hidden reports characters that people do not see and models read.
func (w *warner) hidden(where, text string) {
	for _, r := range text {
		if r == '\n' || r == '\t' || r == '\u200d' { // ZWJ joins emoji
			continue
		}
		if unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Zl, unicode.Zp) || r >= 0xE0000 && r <= 0xE0FFF {
			w.add(where, fmt.Sprintf("hides the character %U", r))
			return
		}
	}
	if strings.Contains(text, "<!--") {
		w.add(where, "hides text in a comment of HTML")
	}
}
