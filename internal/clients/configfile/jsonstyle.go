package configfile

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/tailscale/hujson"
)

// jsonStyle is the layout of a file, which is used for additions too.
type jsonStyle struct {
	unit    string // one level of indentation
	newline string
	compact bool // all in one line
}

func jsonStyleOf(root hujson.Value, text []byte) jsonStyle {
	st := jsonStyle{unit: "  ", newline: newline(text)}
	object, ok := root.Value.(*hujson.Object)
	if !ok || len(object.Members) == 0 {
		return st
	}
	if unit, ok := indentation(object.Members[0].Name.BeforeExtra); ok && unit != "" {
		st.unit = unit
	}
	st.compact = !bytes.Contains(bytes.TrimSpace(text), []byte("\n"))
	return st
}

// indentation returns what follows the last newline of extra, if it is blank.
func indentation(extra hujson.Extra) (string, bool) {
	i := bytes.LastIndexByte(extra, '\n')
	if i < 0 || len(bytes.TrimSpace(extra[i:])) > 0 {
		return "", false
	}
	return string(extra[i+1:]), true
}

func (st jsonStyle) line(depth int) string { return st.newline + strings.Repeat(st.unit, depth) }

// render returns a value whose closing bracket is indented by depth.
func (st jsonStyle) render(value any, depth int) hujson.Value {
	flat := plainJSON(value)
	if !st.compact {
		var b bytes.Buffer
		if err := json.Indent(&b, flat, strings.Repeat(st.unit, depth), st.unit); err != nil {
			panic(err) // Encode returned it, so it is valid
		}
		flat = []byte(strings.ReplaceAll(b.String(), "\n", st.newline))
	}
	v, err := hujson.Parse(flat)
	if err != nil {
		panic(err) // any JSON is valid JSON with comments
	}
	v.BeforeExtra, v.AfterExtra = nil, nil
	return v
}

// insert adds a member at the end of an object whose members are at depth.
func (st jsonStyle) insert(o *hujson.Object, name string, value any, depth int) {
	m := hujson.ObjectMember{
		Name:  hujson.Value{Value: hujson.String(name)},
		Value: st.render(value, depth),
	}
	var last *hujson.Value
	var sibling hujson.Extra
	if n := len(o.Members); n > 0 {
		last, sibling = &o.Members[n-1].Value, o.Members[n-1].Name.BeforeExtra
	}
	m.Name.BeforeExtra, o.AfterExtra = st.place(sibling, o.AfterExtra, depth)
	m.Value.BeforeExtra = st.afterColon()
	if last != nil && last.AfterExtra != nil {
		m.Value.AfterExtra = hujson.Extra{} // keep the trailing comma style
	}
	o.Members = append(o.Members, m)
}

// append adds an element at the end of an array whose elements are at depth.
func (st jsonStyle) append(a *hujson.Array, value any, depth int) {
	e := st.render(value, depth)
	var last *hujson.Value
	var sibling hujson.Extra
	if n := len(a.Elements); n > 0 {
		last = &a.Elements[n-1]
		sibling = last.BeforeExtra
	}
	e.BeforeExtra, a.AfterExtra = st.place(sibling, a.AfterExtra, depth)
	if last != nil && last.AfterExtra != nil {
		e.AfterExtra = hujson.Extra{}
	}
	a.Elements = append(a.Elements, e)
}

func (st jsonStyle) afterColon() hujson.Extra {
	if st.compact {
		return nil
	}
	return hujson.Extra(" ")
}

// place returns the text before a new last item, and the text left before the closing
// bracket. Comments before the bracket stay with the item that they follow.
func (st jsonStyle) place(sibling, closing hujson.Extra, depth int) (before, after hujson.Extra) {
	comments := commentsOf(closing)
	if st.compact && comments == nil {
		return sibling, closing
	}
	indent, ok := indentation(sibling)
	if !ok {
		indent = strings.Repeat(st.unit, depth)
	}
	before = append(bytes.Clone(comments), st.newline+indent...)
	if end, ok := indentation(closing); ok {
		return before, hujson.Extra(st.newline + end)
	}
	return before, hujson.Extra(st.line(depth - 1))
}
