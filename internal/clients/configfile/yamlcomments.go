package configfile

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

func yamlComments(text []byte) ([]comment, error) {
	f, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	var all []comment
	for line := range f.lines {
		if c, ok := f.comments[line+1]; ok {
			all = append(all, c)
		}
	}
	return all, nil
}

// findComments records what follows a # at the start of a line or after a blank,
// unless it is inside a quoted or block scalar. The parser returns comments too, but
// without positions. As a check, all comments found are replaced: if that changes the data,
// one of them is not a comment, and the file is rejected. (A # right after a bracket, which
// the parser also treats as a comment, is not found.)
//
// goccy/go-yaml 1.19.2 would not replace this code: neither its printed tree nor
// its tokens keep every byte (line ends, runs of blanks, blank lines at the end).
func (f *yamlFile) findComments(document *yaml.Node) error {
	text := f.text()
	f.findOpaque(document, text)
	var other bytes.Buffer // the text with other comments
	hidden, copied := f.opaque, 0
	for at := 0; at < len(text); at++ {
		for len(hidden) > 0 && at >= hidden[0].to {
			hidden = hidden[1:]
		}
		if len(hidden) > 0 && at >= hidden[0].from {
			at = hidden[0].to - 1
			continue
		}
		if text[at] == '#' && (at == 0 || strings.IndexByte(" \t\n", text[at-1]) >= 0) {
			c := commentAt(text, at, lineEnd(text, at))
			f.comments[f.lineOf(at)] = c
			other.Write(text[copied:at])
			other.WriteString("#")
			if copied = at + len(c.text); c.text == "#" {
				other.WriteString("#")
			}
			at = c.to - 1
		}
	}
	other.Write(text[copied:])
	before, err := yamlDecode(text)
	if err != nil {
		return err
	}
	if after, err := yamlDecode(other.Bytes()); err != nil || !equal(before, after) {
		return ErrByHand
	}
	return nil
}

// findOpaque records the scalars in which a # is not a comment, in text order.
func (f *yamlFile) findOpaque(n *yaml.Node, text []byte) {
	if n.Kind == yaml.ScalarNode {
		if s := f.scalar(n, text); s.from < s.to {
			f.opaque = append(f.opaque, s)
		}
	}
	for _, child := range n.Content {
		f.findOpaque(child, text)
	}
}

// scalar returns the span of a quoted or block scalar, and an empty one for others.
func (f *yamlFile) scalar(n *yaml.Node, text []byte) span {
	switch n.Style &^ yaml.TaggedStyle {
	case yaml.DoubleQuotedStyle:
		at := f.offset(n)
		return span{at, quoteEnd(text, at, `"`, true)}
	case yaml.SingleQuotedStyle:
		at := f.offset(n)
		end := quoteEnd(text, at, "'", false)
		for end < len(text) && text[end] == '\'' { // '' is an escaped quote
			end = quoteEnd(text, end, "'", false)
		}
		return span{at, end}
	case yaml.LiteralStyle, yaml.FoldedStyle:
		return f.block(n, f.lineOf(f.offset(n)))
	}
	return span{}
}

// offset returns the start of a scalar, after its tag and anchor. The parser counts
// columns in characters.
func (f *yamlFile) offset(n *yaml.Node) int {
	line := f.lines[n.Line-1]
	at := 0
	for range n.Column - 1 {
		_, size := utf8.DecodeRuneInString(line[at:])
		at += size
	}
	for at < len(line) && (line[at] == '!' || line[at] == '&') {
		if blank := strings.IndexAny(line[at:], " \t"); blank >= 0 {
			at += blank
		} else {
			at = len(line)
		}
		at += len(line[at:]) - len(strings.TrimLeft(line[at:], " \t"))
	}
	return f.starts[n.Line-1] + at
}

// block returns the span of a block scalar's lines below its header. They are
// indented like the first one, minus the spaces that are part of the value.
func (f *yamlFile) block(n *yaml.Node, header int) span {
	if strings.TrimSpace(n.Value) == "" {
		return span{}
	}
	first := header + 1
	for first < len(f.lines) && f.isBlank(first) {
		first++
	}
	if first > len(f.lines) {
		return span{}
	}
	indent := spaces(f.lines[first-1]) - spaces(strings.TrimLeft(n.Value, "\n"))
	last := first
	for line := first; line <= len(f.lines) && (f.isBlank(line) || spaces(f.lines[line-1]) >= indent); line++ {
		if !f.isBlank(line) {
			last = line
		}
	}
	return span{f.startOf(header + 1), f.startOf(last + 1)}
}

func spaces(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }

// yamlExtent returns the span of the member at path: its lines up to the last one
// with a node in it, and the comments after it that are indented deeper than its
// name.
func yamlExtent(text []byte, path []string) ([]span, error) {
	f, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	mapping, at := f.root, -1
	for i, name := range path {
		if mapping == nil || mapping.Kind != yaml.MappingNode {
			return nil, nil
		}
		if at = childOf(mapping, name); at < 0 {
			return nil, nil
		}
		if i < len(path)-1 {
			mapping = mapping.Content[at+1]
		}
	}
	name := mapping.Content[at]
	last := max(name.Line, f.lastLine(mapping.Content[at+1]))
	end := f.skipComments(last+1, f.limit(mapping, at), name.Column)
	return []span{{f.startOf(name.Line), f.startOf(end)}}, nil
}

// lastLine returns the last line in which the node or one of its children begins, or in
// which one that is a quoted or block scalar ends.
func (f yamlFile) lastLine(n *yaml.Node) int {
	last := n.Line
	if n.Kind == yaml.ScalarNode {
		if s := f.scalar(n, f.text()); s.from < s.to {
			last = f.lineOf(s.to - 1)
		}
	}
	for _, child := range n.Content {
		last = max(last, f.lastLine(child))
	}
	return last
}
