package tool

import (
	"reflect"
	"slices"
	"strings"
)

// candidate is a struct field that may become a property.
type candidate struct {
	reflect.StructField
	name      string // from the json tag or, if that has none, of the field
	options   string // of the json tag
	named     bool   // the json tag has a name
	index     []int
	byPointer bool   // an embedded pointer leads to it, which may be nil
	where     string // for problems
}

// embedded is a struct whose fields are to be found.
type embedded struct {
	typ       reflect.Type
	index     []int
	byPointer bool
	where     string
}

// promoted returns the fields of a struct and of the structs embedded in it, as
// encoding/json finds them: level by level, with the fields of the outermost
// level winning, and among those of one level the one with a name in its tag.
func (b *builder) promoted(t reflect.Type, where string) []candidate {
	var all []candidate
	var seen []reflect.Type // on the levels above
	for level := []embedded{{typ: t, where: where}}; len(level) > 0; {
		var next []embedded
		for _, e := range level {
			if !slices.Contains(seen, e.typ) {
				found, deeper := b.level(e)
				all, next = append(all, found...), append(next, deeper...)
			}
		}
		for _, e := range level {
			seen = append(seen, e.typ)
		}
		level = next
	}
	return b.dominant(all, where)
}

// level returns the fields of one struct, and the structs embedded in it.
func (b *builder) level(e embedded) (found []candidate, deeper []embedded) {
	for i := range e.typ.NumField() {
		sf := e.typ.Field(i)
		name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
		inner, byPointer := sf.Type, e.byPointer
		if sf.Anonymous && inner.Kind() == reflect.Pointer {
			inner, byPointer = inner.Elem(), true
		}
		switch {
		case sf.Tag.Get("json") == "-":
			continue
		case !sf.IsExported() && (!sf.Anonymous || inner.Kind() != reflect.Struct):
			continue
		}
		index := append(slices.Clone(e.index), i)
		where := strings.TrimPrefix(e.where+"."+sf.Name, ".")
		if sf.Anonymous && name == "" && inner.Kind() == reflect.Struct {
			if b.input && byPointer && !sf.IsExported() {
				b.problem(where, "encoding/json cannot set an embedded pointer to an unexported struct; embed the struct itself")
			}
			deeper = append(deeper, embedded{typ: inner, index: index, byPointer: byPointer, where: where})
			continue
		}
		c := candidate{StructField: sf, name: name, options: options, named: name != "", index: index, byPointer: e.byPointer, where: where}
		if name == "" {
			c.name = sf.Name
		}
		found = append(found, c)
	}
	return found, deeper
}

// dominant leaves one field for each name. Where encoding/json would silently
// leave out all fields of a name, it reports the conflict.
func (b *builder) dominant(all []candidate, where string) []candidate {
	byName := map[string][]candidate{}
	for _, c := range all {
		byName[c.name] = append(byName[c.name], c)
	}
	var fields []candidate
	for _, name := range sortedKeys(byName) {
		same := byName[name]
		slices.SortStableFunc(same, func(a, b candidate) int { return rank(a) - rank(b) })
		if len(same) > 1 && rank(same[0]) == rank(same[1]) {
			b.problem(where, "two fields are called %q, so encoding/json leaves both out; rename one", name)
		}
		fields = append(fields, same[0])
	}
	slices.SortFunc(fields, func(a, b candidate) int { return slices.Compare(a.index, b.index) })
	return fields
}

// rank orders the fields of one name; the lowest wins.
func rank(c candidate) int {
	if c.named {
		return 2 * len(c.index)
	}
	return 2*len(c.index) + 1
}
