package surface

import (
	"maps"
	"slices"
)

func (d *differ) properties(dir direction, path string, before, after map[string]any) {
	old, now := object(before["properties"]), object(after["properties"])
	oldRequired, nowRequired := names(before["required"]), names(after["required"])
	for _, name := range slices.Sorted(maps.Keys(old)) {
		here := path + "." + name
		if _, ok := now[name]; !ok {
			d.removed(dir, here, before, slices.Contains(oldRequired, name))
			continue
		}
		switch was, is := slices.Contains(oldRequired, name), slices.Contains(nowRequired, name); {
		case !was && is:
			d.narrowed(dir, here, "became required")
		case was && !is:
			d.widened(dir, here, "became optional")
		}
		d.schema(dir, here, old[name], now[name])
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(oldRequired, nowRequired)))) {
		_, before := old[name]
		_, after := now[name]
		if was, is := slices.Contains(oldRequired, name), slices.Contains(nowRequired, name); before || after || was == is {
			continue
		} else if is { // required, but not among the properties
			d.narrowed(dir, path+"."+name, "became required")
		} else {
			d.widened(dir, path+"."+name, "became optional")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if _, ok := old[name]; !ok {
			d.added(dir, path+"."+name, before, slices.Contains(nowRequired, name))
		}
	}
}

// removed reports a removed property. Arguments nearly always are closed objects, so calls
// that still have the property are rejected.
func (d *differ) removed(dir direction, path string, before map[string]any, required bool) {
	if dir == result && !required {
		d.add(Safe, path, "removed; it was optional")
		return
	}
	d.add(Breaking, path, "removed")
}

// added reports a new property.
func (d *differ) added(dir direction, path string, before map[string]any, required bool) {
	switch {
	case dir == argument && required:
		d.add(Breaking, path, "new required argument")
	case dir == argument:
		d.add(Safe, path, "new optional argument")
	case before["additionalProperties"] == false:
		d.add(Breaking, path, "new property in an object that allowed no others")
	default:
		d.add(Safe, path, "new property")
	}
}

// nested compares the schema of a list's items or a map's values.
func (d *differ) nested(dir direction, path, keyword, mark string, before, after map[string]any) {
	old, hadOne := before[keyword]
	now, hasOne := after[keyword]
	hadOne, hasOne = hadOne && old != true, hasOne && now != true
	switch {
	case hadOne && hasOne:
		d.schema(dir, path+mark, old, now)
	case hadOne:
		d.widened(dir, path+mark, keyword+" removed")
	case hasOne:
		d.narrowed(dir, path+mark, keyword+" added")
	}
}

// additional compares additionalProperties: absent and true mean that any are
// allowed.
func (d *differ) additional(dir direction, path string, before, after map[string]any) {
	closed := func(s map[string]any) bool { return s["additionalProperties"] == false }
	switch {
	case closed(before) && !closed(after):
		d.widened(dir, path, "now allows other properties")
	case !closed(before) && closed(after):
		d.narrowed(dir, path, "no longer allows other properties")
	default:
		d.nested(dir, path, "additionalProperties", "{}", before, after)
	}
}
