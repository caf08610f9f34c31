package configfile

import (
	"bytes"
	"slices"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
)

func tomlPut(text []byte, path []string, value any) ([]byte, error) {
	items, err := parseTOML(text)
	if err != nil {
		return nil, err
	}
	name, parent := path[len(path)-1], path[:len(path)-1]
	if kv, ok := findTOML(items, path); ok {
		return splice(text, kv.value, kv.to, clientconfig.TOMLValue(value)), nil
	}
	member := clientconfig.TOMLKey(name) + " = " + clientconfig.TOMLValue(value)
	if table, ok := findTOML(items, parent); ok && table.isInline {
		return intoInline(text, table, member), nil
	}
	if object, ok := value.(clientconfig.Object); ok && holdsObject(object) {
		return appendTable(text, path, object), nil
	}
	for i, item := range items {
		if item.header && slices.Equal(item.path, parent) {
			return afterBlock(text, items[i:], member), nil
		}
	}
	if object, ok := value.(clientconfig.Object); ok && !hasDottedKeys(items, parent) {
		return appendTable(text, path, object), nil
	}
	return nil, ErrByHand
}

// hasDottedKeys reports whether keys of the table at path are written as dotted keys in a
// table above it.
func hasDottedKeys(items []tomlItem, path []string) bool {
	return slices.ContainsFunc(items, func(item tomlItem) bool {
		return !item.header && len(item.path) == len(path)+1 && hasPrefix(item.path, path)
	})
}

// intoInline adds a member to an inline table.
func intoInline(text []byte, table tomlItem, member string) []byte {
	if n := len(table.inline); n > 0 {
		end := table.inline[n-1].to
		return splice(text, end, end, ", "+member)
	}
	return splice(text, table.value, table.to, "{ "+member+" }")
}

// holdsObject reports whether an object contains other objects, and so needs its own table.
func holdsObject(o clientconfig.Object) bool {
	return slices.ContainsFunc(o, func(m clientconfig.Member) bool {
		_, ok := m.Value.(clientconfig.Object)
		return ok
	})
}

// appendTable adds a table at the end, where a table is always allowed.
func appendTable(text []byte, path []string, o clientconfig.Object) []byte {
	table := clientconfig.TOMLTable(path, o)
	if len(bytes.TrimSpace(text)) > 0 {
		table = "\n" + table
		if text[len(text)-1] != '\n' {
			table = "\n" + table
		}
	}
	return append(bytes.Clone(text), withLineEnds(table, text)...)
}

// afterBlock adds a line to the table whose header is the first of items, with
// the indentation of the line before.
func afterBlock(text []byte, items []tomlItem, member string) []byte {
	last := items[blockEnd(items)-1]
	end := lineEnd(text, last.to)
	line := member + newline(text)
	if !last.header {
		start := lineStart(text, last.from)
		if indent := string(text[start:last.from]); strings.TrimSpace(indent) == "" {
			line = indent + line
		}
	}
	if end == len(text) && !bytes.HasSuffix(text, []byte("\n")) {
		line = newline(text) + strings.TrimRight(line, "\r\n")
	}
	return splice(text, end, end, line)
}

// blockEnd returns the index after the last key of the table that items begin with.
func blockEnd(items []tomlItem) int {
	end := 1
	for end < len(items) && !items[end].header {
		end++
	}
	return end
}

// tomlCut removes the keys and tables at path and below. Comments in the lines
// before the next table belong to that one, and stay.
func tomlCut(text []byte, path []string) ([]byte, error) {
	items, err := parseTOML(text)
	if err != nil {
		return nil, err
	}
	for i := len(items) - 1; i >= 0; i-- { // from the end, so that offsets stay valid
		item := items[i]
		switch {
		case hasPrefix(item.path, path) && item.header:
			text = cutBlock(text, items[i:])
		case hasPrefix(item.path, path) && !inBlock(items[:i], path):
			text = splice(text, lineStart(text, item.from), lineEnd(text, item.to), "")
		case item.isInline && hasPrefix(path, item.path):
			text = cutInline(text, item, path)
		}
	}
	return text, nil
}

// tomlExtent returns the lines of the keys and tables at path and below,
// without the comments after a table's last key.
func tomlExtent(text []byte, path []string) ([]span, error) {
	items, err := parseTOML(text)
	if err != nil {
		return nil, err
	}
	var all []span
	for i, item := range items {
		if !hasPrefix(item.path, path) {
			continue
		}
		end := item.to
		if item.header {
			end = items[i+blockEnd(items[i:])-1].to
		}
		all = append(all, span{lineStart(text, item.from), lineEnd(text, end)})
	}
	return all, nil
}

// inBlock reports whether the key after items is in a table that is cut as a
// whole.
func inBlock(items []tomlItem, path []string) bool {
	for _, item := range slices.Backward(items) {
		if item.header {
			return hasPrefix(item.path, path)
		}
	}
	return false
}

func cutBlock(text []byte, items []tomlItem) []byte {
	last := items[blockEnd(items)-1]
	from, to := lineStart(text, items[0].from), lineEnd(text, last.to)
	before := bytes.TrimRight(text[:from], " \t\r\n")
	switch next := text[to:lineEnd(text, to)]; {
	case len(before) == 0 || len(bytes.TrimSpace(next)) > 0:
	case len(next) > 0 && lineEnd(text, len(before)) == from:
		to += len(next) // keep one of the blank lines before and after
	default:
		from = lineEnd(text, len(before))
	}
	return splice(text, from, to, "")
}

func cutInline(text []byte, table tomlItem, path []string) []byte {
	for i, m := range table.inline {
		switch {
		case hasPrefix(m.path, path):
			from, to := m.from, m.to
			switch {
			case i > 0:
				from = table.inline[i-1].to
			case i+1 < len(table.inline):
				to = table.inline[i+1].from
			}
			return splice(text, from, to, "")
		case m.isInline && hasPrefix(path, m.path):
			return cutInline(text, m, path)
		}
	}
	return text
}
