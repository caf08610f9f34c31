package configfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"serverless-mcp/internal/clientconfig"
)

func yamlDecode(text []byte) (map[string]any, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	data := map[string]any{}
	if err := d.Decode(&data); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("it is no valid YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("it holds several documents: %w", ErrByHand)
	}
	if data == nil { // a document that says null
		data = map[string]any{}
	}
	return data, nil
}

// yamlFile is a text in lines, with the mapping that it is.
type yamlFile struct {
	lines []string   // with their ends
	root  *yaml.Node // nil if there is none yet
	end   string     // of a line
}

func parseYAML(text []byte) (yamlFile, error) {
	// The other line ends of YAML would put the lines out of step.
	if s := strings.ReplaceAll(string(text), "\r\n", ""); strings.ContainsAny(s, "\r\u0085\u2028\u2029") {
		return yamlFile{}, ErrByHand
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return yamlFile{}, fmt.Errorf("it is no valid YAML: %w", err)
	}
	f := yamlFile{end: newline(text), lines: strings.SplitAfter(string(text), "\n")}
	if last := len(f.lines) - 1; f.lines[last] == "" {
		f.lines = f.lines[:last]
	} else {
		f.lines[last] += f.end
	}
	if len(document.Content) == 0 || isEmpty(document.Content[0]) && document.Content[0].Value == "" {
		return f, nil
	}
	f.root = document.Content[0]
	return f, nil
}

func (f yamlFile) text() []byte { return []byte(strings.Join(f.lines, "")) }

// replace puts lines in place of those numbered from to to-1, counted from 1.
func (f *yamlFile) replace(from, to int, lines ...string) error {
	if from < 1 || to < from || to-1 > len(f.lines) {
		return ErrByHand
	}
	var all []string
	all = append(append(append(all, f.lines[:from-1]...), lines...), f.lines[to-1:]...)
	f.lines = all
	return nil
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
		if mapping.Kind != yaml.MappingNode || mapping.Style&yaml.FlowStyle != 0 {
			return nil, notAnObject(path[:i])
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

// add writes a member at the end of a mapping in block style.
func (f yamlFile) add(mapping *yaml.Node, o clientconfig.Object) ([]byte, error) {
	if len(mapping.Content) == 0 {
		return nil, ErrByHand
	}
	end := f.endOf(mapping, len(mapping.Content)-2)
	if err := f.replace(end, end, f.render(o, mapping.Content[0].Column-1, "")...); err != nil {
		return nil, err
	}
	return f.text(), nil
}

// put writes a member in place of the one whose name is child at.
func (f yamlFile) put(mapping *yaml.Node, at int, o clientconfig.Object) ([]byte, error) {
	name, value := mapping.Content[at], mapping.Content[at+1]
	comment := name.LineComment
	if comment == "" {
		comment = value.LineComment
	}
	lines := f.render(o, name.Column-1, comment)
	if err := f.replace(name.Line, f.endOf(mapping, at), lines...); err != nil {
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
	for i, name := range path {
		if mapping == nil || mapping.Kind != yaml.MappingNode || mapping.Style&yaml.FlowStyle != 0 {
			return nil, notAnObject(path[:i])
		}
		at := childOf(mapping, name)
		switch {
		case at < 0:
			return text, nil
		case i < len(path)-1:
			mapping = mapping.Content[at+1]
		case len(mapping.Content) == 2 && i > 0: // without any, it would be null
			return yamlPut(text, path[:i], clientconfig.Object{})
		default:
			err := f.replace(mapping.Content[at].Line, f.endOf(mapping, at))
			return f.text(), err
		}
	}
	return f.text(), nil
}

// childOf is the index of a name in a mapping, -1 if there is none.
func childOf(mapping *yaml.Node, name string) int {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if n := mapping.Content[i]; n.Kind == yaml.ScalarNode && n.Value == name {
			return i
		}
	}
	return -1
}

// isEmpty knows a null, and {}.
func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" || n.Kind == yaml.MappingNode && len(n.Content) == 0
}

// endOf is the number of the line behind the member whose name is child at:
// behind its value, and before the blank lines and comments that belong to
// what follows.
func (f yamlFile) endOf(mapping *yaml.Node, at int) int {
	name := mapping.Content[at]
	indent := name.Column - 1
	end := name.Line + 1
	limit := len(f.lines) + 1
	if at+2 < len(mapping.Content) {
		limit = mapping.Content[at+2].Line
	}
	for line := end; line < limit; line++ {
		text := f.lines[line-1]
		trimmed := strings.TrimLeft(text, " ")
		depth := len(text) - len(trimmed)
		isComment := strings.HasPrefix(trimmed, "#")
		switch {
		case strings.TrimSpace(text) == "":
			continue
		case depth < indent, isComment && depth <= indent && at+2 < len(mapping.Content):
			return end
		}
		end = line + 1
	}
	return end
}

// render writes an object in block style, with a comment in its first line.
func (f yamlFile) render(o clientconfig.Object, indent int, comment string) []string {
	var lines []string
	for line := range strings.Lines(clientconfig.YAMLText(o)) {
		line = strings.TrimSuffix(line, "\n")
		if comment != "" {
			line, comment = line+" "+comment, ""
		}
		lines = append(lines, strings.Repeat(" ", indent)+line+f.end)
	}
	return lines
}
