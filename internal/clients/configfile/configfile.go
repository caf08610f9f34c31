// Package configfile changes one entry in a configuration file that belongs to
// somebody else: JSON with comments, TOML or YAML. Everything beside the entry
// stays as it is, byte for byte as far as possible: comments, order,
// indentation, line ends, a byte order mark.
//
// The functions on texts ([Get], [Set], [Delete], [Add], [Remove]) check their
// own work: the data of the new text are those of the old one with exactly the
// wanted change, and every comment that stood outside of it is still there, or
// the text is not handed out. [Open] and [File.Write] take the same care of
// files on disk.
package configfile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
)

// ErrByHand says that a file is valid, but written in a way that cannot be
// changed here without risk to something else in it.
var ErrByHand = errors.New("it is written in a way that cannot be changed safely; change it by hand")

// A syntax is what differs between the formats. Texts have no byte order mark,
// paths are not empty, and values are what [clientconfig.Object] holds.
type syntax struct {
	decode func(text []byte) (map[string]any, error)
	// put makes value stand at path, in place of what stands there, with the
	// parents that are missing.
	put func(text []byte, path []string, value any) ([]byte, error)
	// cut takes away what stands at path.
	cut func(text []byte, path []string) ([]byte, error)
	// comments are all comments of a valid text, in their order.
	comments func(text []byte) ([]comment, error)
	// extent is where that stands which is at path, with the comments that are
	// its own: in TOML it may be in several places. Nothing there: none.
	extent func(text []byte, path []string) ([]span, error)
}

func syntaxOf(f clientconfig.Format) syntax {
	switch f {
	case clientconfig.TOML:
		return syntax{tomlDecode, tomlPut, tomlCut, tomlComments, tomlExtent}
	case clientconfig.YAML:
		return syntax{yamlDecode, yamlPut, yamlCut, yamlComments, yamlExtent}
	}
	return syntax{jsonDecode, jsonPut, jsonCut, jsonComments, jsonExtent}
}

const bom = "\ufeff"

// Get returns what stands at path, as maps, lists, strings and so on, and
// whether there is anything. The error tells that the text is not valid.
func Get(f clientconfig.Format, text []byte, path []string) (value any, found bool, err error) {
	data, err := syntaxOf(f).decode(bytes.TrimPrefix(text, []byte(bom)))
	if err != nil {
		return nil, false, err
	}
	value, found = lookUp(data, path)
	return value, found, nil
}

// Set makes the entry at path have the members of value, and gives the new
// text. Members that the entry has besides stay, as clients keep settings of
// their own there; so do those of objects in it. A text that says all this
// already is returned as it is.
func Set(f clientconfig.Format, text []byte, path []string, value clientconfig.Object) ([]byte, error) {
	return change(f, text, func(s syntax, text []byte, data map[string]any) ([]byte, error) {
		return merge(s, text, data, path, value)
	}, func(data map[string]any) error { return assign(data, path, generic(value)) })
}

// Delete takes away what stands at path, if anything does.
func Delete(f clientconfig.Format, text []byte, path []string) ([]byte, error) {
	return change(f, text, func(s syntax, text []byte, data map[string]any) ([]byte, error) {
		if _, found := lookUp(data, path); !found {
			return text, nil
		}
		return s.cutAt(text, path)
	}, func(data map[string]any) error { remove(data, path); return nil })
}

// change edits a text and proves that its data changed as wanted.
func change(f clientconfig.Format, text []byte,
	edit func(syntax, []byte, map[string]any) ([]byte, error), expect func(map[string]any) error,
) ([]byte, error) {
	s := syntaxOf(f)
	body, marked := bytes.CutPrefix(text, []byte(bom))
	before, err := s.decode(body)
	if err != nil {
		return nil, err
	}
	want, err := s.decode(body)
	if err != nil {
		return nil, err
	}
	if err := expect(want); err != nil {
		return nil, err
	}
	out, err := edit(s, body, before)
	if err != nil {
		return nil, err
	}
	after, err := s.decode(out)
	prune(after)
	prune(want)
	if err != nil || !equal(after, want) {
		return nil, ErrByHand
	}
	if marked {
		out = append([]byte(bom), out...)
	}
	return out, nil
}

// merge puts value's members one by one where there is an object already.
func merge(s syntax, text []byte, data map[string]any, path []string, value any) ([]byte, error) {
	object, isObject := value.(clientconfig.Object)
	old, found := lookUp(data, path)
	if _, wasObject := old.(map[string]any); !isObject || !wasObject {
		if found && equal(old, generic(value)) {
			return text, nil
		}
		return s.putAt(text, path, value)
	}
	for _, m := range object {
		var err error
		if text, err = merge(s, text, data, append(slices.Clone(path), m.Name), m.Value); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// nested wraps value into objects of these names, the first one outermost.
func nested(names []string, value any) any {
	for _, name := range slices.Backward(names) {
		value = clientconfig.Object{{Name: name, Value: value}}
	}
	return value
}

// newline is the text's own line end.
func newline(text []byte) string {
	if bytes.Contains(text, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// withLineEnds gives a piece of our making the text's own line ends.
func withLineEnds(piece string, text []byte) string {
	return strings.ReplaceAll(piece, "\n", newline(text))
}

// splice replaces text[from:to].
func splice(text []byte, from, to int, piece string) []byte {
	return slices.Concat(text[:from], []byte(piece), text[to:])
}

func notAnObject(path []string) error {
	return fmt.Errorf("%s is there, but not as an object of entries: %w", strings.Join(path, "."), ErrByHand)
}
