package tool

import (
	"cmp"
	"reflect"
	"slices"
	"sort"
	"strings"
)

// candidate is a struct field that may become a property.
type candidate struct {
	field     string // its name in Go
	name      string // from the json tag or, if that has none, the field's name
	options   string // of the json tag
	named     bool   // the json tag has a name
	typ       reflect.Type
	tag       reflect.StructTag
	index     []int
	byPointer bool   // it is reached through an embedded pointer, which may be nil
	hidden    bool   // it is an embedded field of an unexported type
	where     string // location to name in problems
	ambiguous bool   // another field with this name has the same rank
}

// embedded is a struct whose fields have not been collected yet.
type embedded struct {
	typ       reflect.Type
	index     []int
	byPointer bool
	where     string
}

// promoted returns the fields of a struct and of the structs embedded in it, as
// encoding/json finds them: level by level. Of fields with the same name, the field on the
// outermost level wins, and on the same level the field with a name in its tag.
func (b *builder) promoted(t reflect.Type, where string) []candidate {
	all, level := b.level(make([]candidate, 0, t.NumField()), embedded{typ: t, where: where})
	seen := []reflect.Type{t} // types on the levels above
	for len(level) > 0 {
		var next []embedded
		for _, e := range level {
			if !slices.Contains(seen, e.typ) {
				var deeper []embedded
				all, deeper = b.level(all, e)
				next = append(next, deeper...)
			}
		}
		for _, e := range level {
			seen = append(seen, e.typ)
		}
		level = next
	}
	fields := b.dominant(all, where)
	if len(seen) > 1 {
		// Not slices.SortFunc: its instance for this type would add 20 KB to every function.
		sort.Slice(fields, func(i, j int) bool { return slices.Compare(fields[i].index, fields[j].index) < 0 })
	}
	return fields
}

// level appends the fields of one struct to found, and returns the structs
// embedded in it.
func (b *builder) level(found []candidate, e embedded) (_ []candidate, deeper []embedded) {
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
			if name != "" || sf.Tag.Get("doc") != "" {
				b.problem(strings.TrimPrefix(e.where+"."+sf.Name, "."), "is not exported, so that encoding/json ignores it; begin its name with a capital letter, or remove its tags")
			}
			continue
		}
		index, where := sf.Index, sf.Name
		if len(e.index) > 0 {
			index = append(slices.Clone(e.index), i)
		}
		if e.where != "" {
			where = e.where + "." + sf.Name
		}
		if sf.Anonymous && name == "" && inner.Kind() == reflect.Struct {
			if b.input && byPointer && !sf.IsExported() {
				b.problem(where, "encoding/json cannot set an embedded pointer to an unexported struct; embed the struct itself")
			}
			deeper = append(deeper, embedded{typ: inner, index: index, byPointer: byPointer, where: where})
			continue
		}
		found = append(found, candidate{
			field: sf.Name, name: cmp.Or(name, sf.Name), options: options, named: name != "", typ: sf.Type, tag: sf.Tag,
			index: index, byPointer: e.byPointer, hidden: !sf.IsExported(), where: where,
		})
	}
	return found, deeper
}

// dominant keeps one field for each name. It reports a conflict where encoding/json would
// silently omit all fields of a name.
func (b *builder) dominant(all []candidate, where string) []candidate {
	fields := all[:0]
	for _, c := range all {
		i := slices.IndexFunc(fields, func(f candidate) bool { return f.name == c.name })
		switch {
		case i < 0:
			fields = append(fields, c)
		case rank(c) < rank(fields[i]):
			fields[i] = c
		case rank(c) == rank(fields[i]):
			fields[i].ambiguous = true
		}
	}
	for _, f := range fields {
		if f.ambiguous {
			b.problem(where, "two fields are called %q, so encoding/json leaves both out; rename one", f.name)
		}
	}
	return fields
}

// rank orders fields with the same name; the lowest rank wins.
func rank(c candidate) int {
	if c.named {
		return 2 * len(c.index)
	}
	return 2*len(c.index) + 1
}
