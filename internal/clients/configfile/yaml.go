package configfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"serverless-mcp/internal/clients/clientconfig"
)

func yamlDecode(text []byte) (map[string]any, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	data := map[string]any{}
	if err := d.Decode(&data); err != nil && !errors.Is(err, io.EOF) {
		return nil, yamlError(err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("it contains several documents: %w", ErrByHand)
	}
	if data == nil { // the document is null
		data = map[string]any{}
	}
	return data, nil
}

// yamlError returns a decoder's error without the parts of values that it quotes, which may
// be part of a key.
func yamlError(err error) error {
	var mismatch *yaml.TypeError
	if !errors.As(err, &mismatch) {
		return fmt.Errorf("it is not valid YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	for _, problem := range mismatch.Errors {
		if strings.Contains(problem, "already defined") {
			line, _, _ := strings.Cut(problem, ":")
			return fmt.Errorf("it is not valid YAML: %s: a name occurs twice", line)
		}
	}
	return errors.New("it is not a valid YAML settings file: the root is not a mapping, or a name is not a string")
}

func yamlPut(text []byte, path []string, value any) ([]byte, error) {
	f, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	if f.root == nil {
		f.lines = append(f.lines, f.render(nested(path, value).(clientconfig.Object), 0, "")...)
		return f.text(), nil
	}
	mapping := f.root
	for i, name := range path {
		if err := inBlockStyle(mapping, path[:i]); err != nil {
			return nil, err
		}
		at := childOf(mapping, name)
		if at < 0 {
			return f.add(mapping, clientconfig.Object{{Name: name, Value: nested(path[i+1:], value)}})
		}
		if i == len(path)-1 || isEmpty(mapping.Content[at+1]) {
			o := clientconfig.Object{{Name: name, Value: nested(path[i+1:], value)}}
			return f.put(mapping, at, o)
		}
		mapping = mapping.Content[at+1]
	}
	return nil, ErrByHand
}

// inBlockStyle returns an error unless the node at path is a mapping whose members are on
// separate lines.
func inBlockStyle(node *yaml.Node, path []string) error {
	name := strings.Join(path, ".")
	if name == "" {
		name = "the file as a whole"
	}
	switch {
	case node != nil && node.Kind == yaml.AliasNode:
		return fmt.Errorf("%s is an alias (*%s) of something else: %w", name, node.Value, ErrByHand)
	case node == nil || node.Kind != yaml.MappingNode:
		return notAnObject(path)
	case node.Style&yaml.FlowStyle != 0:
		return fmt.Errorf("%s is written in braces: %w", name, ErrByHand)
	}
	return nil
}

// add writes a member at the end of a mapping in block style, after the
// comments in it.
func (f yamlFile) add(mapping *yaml.Node, o clientconfig.Object) ([]byte, error) {
	if len(mapping.Content) == 0 {
		return nil, ErrByHand
	}
	indent := mapping.Content[0].Column - 1
	end := f.withComments(mapping, len(mapping.Content)-2, indent)
	if err := f.replace(end, end, f.render(o, indent, "")...); err != nil {
		return nil, err
	}
	return f.text(), nil
}

// put replaces the value of the member whose name is child at. All comments stay: that of
// the first line in its place, the others between the name and the new value.
func (f yamlFile) put(mapping *yaml.Node, at int, o clientconfig.Object) ([]byte, error) {
	name, indent := mapping.Content[at], mapping.Content[at].Column-1
	end, below := f.endOf(mapping, at), f.withComments(mapping, at, indent+1)
	first, own := f.takeComments(name.Line, end, strings.Repeat(" ", indent+2))
	lines := f.render(o, indent, first)
	own = append(own, f.lines[end-1:below-1]...)
	if err := f.replace(name.Line, below, slices.Concat(lines[:1], own, lines[1:])...); err != nil {
		return nil, err
	}
	return f.text(), nil
}

func yamlCut(text []byte, path []string) ([]byte, error) {
	f, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	mapping := f.root
	var parent *yaml.Node // the name whose value mapping is
	for i, name := range path {
		if err := inBlockStyle(mapping, path[:i]); err != nil {
			return nil, err
		}
		at := childOf(mapping, name)
		switch {
		case at < 0:
			return text, nil
		case i < len(path)-1:
			parent, mapping = mapping.Content[at], mapping.Content[at+1]
		default:
			err := f.cut(parent, mapping, at)
			return f.text(), err
		}
	}
	return f.text(), nil
}

// cut removes a member's lines, with the comments after it that are indented like parts of
// it. A mapping without members would be null, so it gets the value {}; the root does not
// need one.
func (f *yamlFile) cut(parent, mapping *yaml.Node, at int) error {
	name := mapping.Content[at]
	if err := f.replace(name.Line, f.withComments(mapping, at, name.Column)); err != nil {
		return err
	}
	if parent == nil || len(mapping.Content) > 2 {
		return nil
	}
	if parent.Line == name.Line {
		return ErrByHand
	}
	line := f.lines[parent.Line-1]
	end := len(line)
	if c, ok := f.comments[parent.Line]; ok {
		end = c.from - f.starts[parent.Line-1]
	}
	end = len(strings.TrimRight(line[:end], " \t\r\n"))
	f.lines[parent.Line-1] = line[:end] + " {}" + line[end:]
	return nil
}

// childOf returns the index of a name in a mapping, -1 if there is none.
func childOf(mapping *yaml.Node, name string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if n := mapping.Content[i]; n.Kind == yaml.ScalarNode && n.Value == name {
			return i
		}
	}
	return -1
}

// isEmpty reports whether a node is null or {}.
func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" || n.Kind == yaml.MappingNode && len(n.Content) == 0
}
