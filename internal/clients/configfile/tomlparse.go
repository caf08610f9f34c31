package configfile

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

func tomlDecode(text []byte) (map[string]any, error) {
	data := map[string]any{}
	if err := toml.Unmarshal(text, &data); err != nil {
		return nil, fmt.Errorf("it is not valid TOML: %s", bytes.TrimPrefix([]byte(err.Error()), []byte("toml: ")))
	}
	return data, nil
}

// A tomlItem is a header or a key with its value, and its position.
type tomlItem struct {
	path     []string // from the root, including the header's names
	header   bool     // [path], or [[path]]
	from, to int      // span of the key and the value; for a header, of its names
	value    int      // offset of the value; zero for a header
	inline   []tomlItem
	isInline bool // the value is { … }
}

// arrayElement stands for an element of an array of tables in a path. It matches no
// path of a caller, because entries are never in such arrays.
const arrayElement = "\x00"

// parseTOML lists a valid text's headers and keys in order.
func parseTOML(text []byte) ([]tomlItem, error) {
	p := unstable.Parser{}
	p.Reset(text)
	var items []tomlItem
	var table []string
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind == unstable.KeyValue {
			items = append(items, keyValue(text, e, table))
			continue
		}
		h := tomlItem{header: true}
		h.path, h.from, h.to = key(e)
		items = append(items, h)
		table = h.path
		if e.Kind == unstable.ArrayTable {
			table = append(slices.Clone(table), arrayElement)
		}
	}
	if err := p.Error(); err != nil {
		return nil, fmt.Errorf("it is not valid TOML: %w", err)
	}
	return items, nil
}

func keyValue(text []byte, e *unstable.Node, table []string) tomlItem {
	names, _, end := key(e)
	kv := tomlItem{
		path: append(slices.Clone(table), names...),
		from: int(e.Raw.Offset), to: int(e.Raw.Offset + e.Raw.Length),
		isInline: e.Value().Kind == unstable.InlineTable,
	}
	kv.value = end + bytes.IndexByte(text[end:], '=') + 1
	for text[kv.value] == ' ' || text[kv.value] == '\t' {
		kv.value++
	}
	if kv.isInline {
		for children := e.Value().Children(); children.Next(); {
			if n := children.Node(); n.Kind == unstable.KeyValue {
				kv.inline = append(kv.inline, keyValue(text, n, kv.path))
			}
		}
	}
	return kv
}

// key returns the parts of a name and its position.
func key(e *unstable.Node) (names []string, from, to int) {
	for it := e.Key(); it.Next(); {
		n := it.Node()
		if names == nil {
			from = int(n.Raw.Offset)
		}
		names = append(names, string(n.Data))
		to = int(n.Raw.Offset + n.Raw.Length)
	}
	return names, from, to
}

// findTOML finds the key at path, also inside { … }.
func findTOML(items []tomlItem, path []string) (tomlItem, bool) {
	for _, item := range items {
		switch {
		case item.header:
		case slices.Equal(item.path, path):
			return item, true
		case item.isInline && hasPrefix(path, item.path):
			if found, ok := findTOML(item.inline, path); ok {
				return found, true
			}
		}
	}
	return tomlItem{}, false
}

func hasPrefix(path, prefix []string) bool {
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}

// lineStart returns the start of the line that contains offset at.
func lineStart(text []byte, at int) int { return bytes.LastIndexByte(text[:at], '\n') + 1 }

// lineEnd returns the offset after the newline that ends the line of offset at, or
// the end of the text.
func lineEnd(text []byte, at int) int {
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}
