package surface

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// direction is the side that produces the values of a schema. A caller's arguments must
// fit the new schema, so a narrower one breaks callers. A client validates results
// by the schema it knows, so a wider one breaks clients.
type direction int

const (
	argument direction = iota
	result
)

// narrowed and widened report a change of what a schema allows.
func (d *differ) narrowed(dir direction, path, text string) {
	d.add(map[direction]Class{argument: Breaking, result: Safe}[dir], path, text)
}

func (d *differ) widened(dir direction, path, text string) {
	d.add(map[direction]Class{argument: Safe, result: Breaking}[dir], path, text)
}

// schemas compares the schemas of a tool's arguments or results.
func (d *differ) schemas(dir direction, path string, before, after map[string]any) {
	d.before, d.after, d.compared = before, after, map[string]bool{}
	d.schema(dir, path, before, after)
}

// schema compares two JSON Schemas of the current tool.
func (d *differ) schema(dir direction, path string, old, now any) {
	before, oldRefs := normalize(old, d.before)
	after, nowRefs := normalize(now, d.after)
	withNull, oldNullRefs := foldNull(before, d.before)
	nowWithNull, nowNullRefs := foldNull(after, d.after)
	if !hasAlternatives(withNull) && !hasAlternatives(nowWithNull) {
		before, after, oldRefs, nowRefs = withNull, nowWithNull, oldRefs+oldNullRefs, nowRefs+nowNullRefs
	}
	if refs := oldRefs + " |" + nowRefs; oldRefs != "" || nowRefs != "" {
		if d.compared[refs] {
			d.words(path+".description", text(object(old), "description"), text(object(now), "description"))
			d.words(path+".title", text(object(old), "title"), text(object(now), "title"))
			return
		}
		d.compared[refs] = true
	}
	d.words(path+".description", text(before, "description"), text(after, "description"))
	d.words(path+".title", text(before, "title"), text(after, "title"))
	if !equal(before["examples"], after["examples"]) {
		d.add(Words, path+".examples", "changed")
	}
	d.fallback(dir, path, before["default"], after["default"])
	d.types(dir, path, before, after)
	d.enum(dir, path, before, after)
	d.limit(dir, path, "minimum", "exclusiveMinimum", before, after, 1)
	d.limit(dir, path, "maximum", "exclusiveMaximum", before, after, -1)
	for _, keyword := range []string{"minLength", "minItems", "minProperties"} {
		d.bound(dir, path, keyword, before[keyword], after[keyword], 1)
	}
	for _, keyword := range []string{"maxLength", "maxItems", "maxProperties"} {
		d.bound(dir, path, keyword, before[keyword], after[keyword], -1)
	}
	for _, keyword := range []string{"pattern", "format", "contentEncoding", "multipleOf", "uniqueItems"} {
		d.constraint(dir, path, keyword, before[keyword], after[keyword])
	}
	d.alternatives(dir, path, before, after)
	d.shown(path+".deprecated", before["deprecated"], after["deprecated"])
	d.properties(dir, path, before, after)
	d.nested(dir, path, "items", "[]", before, after)
	d.additional(dir, path, before, after)
	d.unknown(path, before, after)
}

// fallback compares defaults. Calls stay valid, so a change is safe, but calls without the
// argument may have another effect.
func (d *differ) fallback(dir direction, path string, before, after any) {
	if equal(before, after) {
		return
	}
	change := "changed from " + show(before) + " to " + show(after)
	if dir == argument && before != nil {
		change += "; calls without it may have another effect"
	}
	d.add(Safe, path+".default", change)
}

func text(schema map[string]any, keyword string) string {
	s, _ := schema[keyword].(string)
	return s
}

func show(value any) string {
	if value == nil {
		return "none"
	}
	text, _ := json.Marshal(value) // it was decoded from JSON
	return string(text)
}

// types compares the keyword type; an integer is a number, too.
func (d *differ) types(dir direction, path string, before, after map[string]any) {
	old, now := typesOf(before), typesOf(after)
	if slices.Equal(old, now) {
		return
	}
	change := fmt.Sprintf("type %s became %s", strings.Join(old, " or "), strings.Join(now, " or "))
	switch wider, narrower := covers(now, old), covers(old, now); {
	case wider && !narrower:
		d.widened(dir, path, change)
	case narrower && !wider:
		d.narrowed(dir, path, change)
	default:
		d.add(Breaking, path, change)
	}
}

// typesOf returns the sorted types; "any" if the schema has none.
func typesOf(schema map[string]any) []string {
	switch t := schema["type"].(type) {
	case string:
		return []string{t}
	case []any:
		var types []string
		for _, name := range t {
			types = append(types, fmt.Sprint(name))
		}
		slices.Sort(types)
		return types
	}
	return []string{"any"}
}

// covers reports whether each of the types is among those of wide.
func covers(wide, types []string) bool {
	return !slices.ContainsFunc(types, func(t string) bool {
		return !slices.Contains(wide, t) && !slices.Contains(wide, "any") && (t != "integer" || !slices.Contains(wide, "number"))
	})
}

func (d *differ) enum(dir direction, path string, before, after map[string]any) {
	old, _ := before["enum"].([]any)
	now, _ := after["enum"].([]any)
	switch {
	case old == nil && now == nil:
	case old == nil:
		d.narrowed(dir, path, "enum added: "+show(now))
	case now == nil:
		d.widened(dir, path, "enum removed")
	default:
		if gone := without(old, now); len(gone) > 0 {
			d.narrowed(dir, path, "enum lost "+show(gone))
		}
		if fresh := without(now, old); len(fresh) > 0 {
			d.widened(dir, path, "enum gained "+show(fresh))
		}
	}
}

// without returns the values of list that are not in other.
func without(list, other []any) (rest []any) {
	for _, v := range list {
		if !slices.ContainsFunc(other, func(o any) bool { return equal(v, o) }) {
			rest = append(rest, v)
		}
	}
	return rest
}

// bound compares a limit. sign is 1 if a greater one is narrower.
func (d *differ) bound(dir direction, path, keyword string, before, after any, sign int) {
	old, hadOne := rational(before)
	now, hasOne := rational(after)
	change := keyword + " " + show(before) + " became " + show(after)
	switch {
	case before != nil && !hadOne, after != nil && !hasOne: // not a number, or too large
		d.constraint(dir, path, keyword, before, after)
	case !hadOne && !hasOne || hadOne && hasOne && old.Cmp(now) == 0:
	case hadOne && !hasOne, hadOne && now.Cmp(old) == -sign:
		d.widened(dir, path, change)
	default:
		d.narrowed(dir, path, change)
	}
}

// limit compares a limit of a number, which may include the number itself or not.
func (d *differ) limit(dir direction, path, keyword, exclusive string, before, after map[string]any, sign int) {
	for _, name := range []string{keyword, exclusive} {
		_, was := rational(before[name])
		_, is := rational(after[name])
		if before[name] != nil && !was || after[name] != nil && !is {
			d.constraint(dir, path, name, before[name], after[name]) // not a number, or too large
			return
		}
	}
	oldName := strictest(before, keyword, exclusive, sign)
	nowName := strictest(after, keyword, exclusive, sign)
	if oldName == nowName || oldName == "" || nowName == "" {
		name := max(oldName, nowName)
		d.bound(dir, path, name, before[name], after[name], sign)
		return
	}
	change := oldName + " " + show(before[oldName]) + " became " + nowName + " " + show(after[nowName])
	old, _ := rational(before[oldName])
	now, _ := rational(after[nowName])
	if order := now.Cmp(old) * sign; order > 0 || order == 0 && nowName == exclusive {
		d.narrowed(dir, path, change)
	} else {
		d.widened(dir, path, change)
	}
}

// strictest returns the keyword of the stricter limit; "" if there is none.
func strictest(schema map[string]any, keyword, exclusive string, sign int) string {
	closed, hasClosed := rational(schema[keyword])
	open, hasOpen := rational(schema[exclusive])
	switch {
	case hasOpen && (!hasClosed || open.Cmp(closed)*sign >= 0):
		return exclusive
	case hasClosed:
		return keyword
	}
	return ""
}

// alternatives compares anyOf and oneOf, whose order does not matter. A changed alternative
// is reported as a lost one and a gained one.
func (d *differ) alternatives(dir direction, path string, before, after map[string]any) {
	for _, keyword := range []string{"anyOf", "oneOf"} {
		old, now := asList(before[keyword]), asList(after[keyword])
		gone, fresh := without(old, now), without(now, old)
		switch {
		case len(gone)+len(fresh) == 0:
		case len(old) == 0:
			d.narrowed(dir, path, keyword+" added")
		case len(now) == 0:
			d.widened(dir, path, keyword+" removed")
		case len(gone) > 0 && len(fresh) > 0:
			d.add(Breaking, path, keyword+" changed; its alternatives are not compared")
		case len(gone) > 0:
			d.narrowed(dir, path, keyword+" lost an alternative")
		default:
			d.widened(dir, path, keyword+" gained an alternative")
		}
	}
}

// constraint compares a keyword whose values have no order.
func (d *differ) constraint(dir direction, path, keyword string, before, after any) {
	change := keyword + " " + show(before) + " became " + show(after)
	switch {
	case equal(before, after):
	case before == nil:
		d.narrowed(dir, path, change)
	case after == nil:
		d.widened(dir, path, change)
	default:
		d.add(Breaking, path, change)
	}
}

// compared are the keywords that the functions above compare.
var compared = []string{
	"description", "title", "examples", "default", "type", "enum", "minimum", "exclusiveMinimum", "minLength", "minItems",
	"minProperties", "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "pattern", "format",
	"contentEncoding", "properties", "required", "items", "additionalProperties", "$schema", "$id", "$comment", "$defs",
	"definitions", "multipleOf", "uniqueItems", "deprecated", "anyOf", "oneOf",
}

// unknown reports changes of other keywords as breaking, because their meaning is not
// known.
func (d *differ) unknown(path string, before, after map[string]any) {
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, keyword := range slices.Sorted(maps.Keys(all)) {
		if !slices.Contains(compared, keyword) && !equal(before[keyword], after[keyword]) {
			d.add(Breaking, path, "keyword "+keyword+" changed; its meaning is not compared")
		}
	}
}

func names(value any) (list []string) {
	for _, v := range asList(value) {
		list = append(list, fmt.Sprint(v))
	}
	return list
}

func asList(value any) []any {
	list, _ := value.([]any)
	return list
}
