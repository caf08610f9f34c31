package tool

import (
	"strconv"
	"strings"
)

// location is the location of a value in the arguments or a result.
type location struct {
	parent   *location // nil for the whole
	name     string    // of a property
	index    int       // of an item, if name is empty; -1 for the empty key of a map
	optional bool      // the property may be left out
}

// String returns the path of a value, such as items[3].name.
func (p *location) String() string {
	if p.parent == nil && p.name == "" {
		return "the arguments"
	}
	return p.path()
}

func (p *location) path() string {
	name := p.name
	switch {
	case p.parent == nil:
		return name
	case name == "" && p.index >= 0:
		return p.parent.path() + "[" + strconv.Itoa(p.index) + "]"
	case name == "":
		name = `""`
	}
	return strings.TrimPrefix(p.parent.path()+"."+name, ".")
}

// optionally completes "must be …" for a property that may be left out.
func (p *location) optionally() string {
	if p.optional {
		return ", or be left out"
	}
	return ""
}
