package clientconfig

import (
	"bytes"
	"strings"

	"gopkg.in/yaml.v3"
)

// Text is the whole file with this one server, ready to copy.
func (c Client) Text(s Server) string {
	switch c.Format {
	case TOML:
		return tomlTable(append(c.Path[:len(c.Path):len(c.Path)], s.Name), c.Entry(s))
	case YAML:
		return yamlText(c.File(s))
	}
	return c.File(s).Indented()
}

// tomlTable is one table with its header. A JSON string is a TOML basic
// string, and objects in it become inline tables.
func tomlTable(path []string, o Object) string {
	var b strings.Builder
	b.WriteString("[" + strings.Join(path, ".") + "]\n")
	for _, m := range o {
		b.WriteString(m.Name + " = " + tomlValue(m.Value) + "\n")
	}
	return b.String()
}

func tomlValue(v any) string {
	o, ok := v.(Object)
	if !ok {
		flat, _ := plainJSON(v) // strings, bools and lists of them
		return string(flat)
	}
	var members []string
	for _, m := range o {
		members = append(members, tomlValue(m.Name)+" = "+tomlValue(m.Value))
	}
	return "{ " + strings.Join(members, ", ") + " }"
}

// yamlText writes the object in block style, two spaces a level.
func yamlText(o Object) string {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(o); err != nil {
		panic(err) // only strings, bools, lists and Objects are ever put in
	}
	return b.String()
}

// MarshalYAML keeps the members' order.
func (o Object) MarshalYAML() (any, error) {
	node := &yaml.Node{Kind: yaml.MappingNode}
	for _, m := range o {
		var value yaml.Node
		if err := value.Encode(m.Value); err != nil {
			return nil, err
		}
		name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: m.Name}
		node.Content = append(node.Content, name, &value)
	}
	return node, nil
}
