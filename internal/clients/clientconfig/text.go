package clientconfig

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Text returns a whole file with only this server, ready to copy.
func (c Client) Text(s Server) string {
	switch c.Format {
	case TOML:
		return TOMLTable(append(c.Path[:len(c.Path):len(c.Path)], s.Name), c.Entry(s))
	case YAML:
		return YAMLText(c.File(s))
	}
	return c.File(s).Indented()
}

// TOMLTable returns one table with its header. Objects in it become inline tables.
func TOMLTable(path []string, o Object) string {
	var b strings.Builder
	var names []string
	for _, name := range path {
		names = append(names, TOMLKey(name))
	}
	b.WriteString("[" + strings.Join(names, ".") + "]\n")
	for _, m := range o {
		b.WriteString(TOMLKey(m.Name) + " = " + TOMLValue(m.Value) + "\n")
	}
	return b.String()
}

// TOMLKey returns a name as a TOML key, quoted only if necessary.
func TOMLKey(name string) string {
	const bare = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	if name != "" && strings.Trim(name, bare) == "" {
		return name
	}
	return TOMLValue(name)
}

// TOMLValue returns a value in one line. Strings are written as in JSON, which is a TOML
// basic string too.
func TOMLValue(v any) string {
	o, ok := v.(Object)
	if !ok {
		flat, _ := plainJSON(v) // strings, bools and lists of them
		return string(flat)
	}
	var members []string
	for _, m := range o {
		members = append(members, TOMLValue(m.Name)+" = "+TOMLValue(m.Value))
	}
	return "{ " + strings.Join(members, ", ") + " }"
}

// YAMLText writes the object in block style, two spaces a level.
func YAMLText(o Object) string {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(o); err != nil {
		panic(err) // an Object contains only strings, bools, lists and Objects
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
