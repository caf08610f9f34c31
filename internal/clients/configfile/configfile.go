// Package configfile changes one entry in a configuration file of another program: JSON
// with comments, TOML or YAML. Everything outside the entry stays unchanged, byte for byte
// as far as possible: comments, order, indentation, line ends, a byte order mark.
//
// The functions on texts ([Get], [Set], [Delete], [Add], [Remove]) verify their
// own result: the new text's data is the old data with exactly the wanted change,
// and every comment outside it is still there. Otherwise they return an error and
// no text. [Open] and [File.Write] are as careful with files on disk.
package configfile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"serverless-mcp/internal/clients/clientconfig"
)

// ErrByHand reports that a file is valid, but written in a way that this package
// cannot change without risk to something else in it.
var ErrByHand = errors.New("it is written in a way that cannot be changed safely; change it by hand")

// A syntax has the operations that differ between the formats. Their texts have no byte
// order mark, their paths are not empty, and their values are those of a
// [clientconfig.Object].
type syntax struct {
	decode func(text []byte) (map[string]any, error)
	// put sets the value at path, and creates missing parents.
	put func(text []byte, path []string, value any) ([]byte, error)
	// cut removes the value at path.
	cut func(text []byte, path []string) ([]byte, error)
	// comments returns all comments of a valid text, in order.
	comments func(text []byte) ([]comment, error)
	// extent returns the spans of the value at path with its comments; in TOML there may be
	// several. It returns none if there is no value.
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

// isUTF16 reports whether a text begins with the byte order mark of UTF-16, as some
// editors on Windows write it. No client reads such a file.
func isUTF16(text []byte) bool {
	return bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff})
}

// Get returns the value at path, as maps, lists, strings and so on, and whether
// there is one. It fails if the text is not valid.
func Get(f clientconfig.Format, text []byte, path []string) (value any, found bool, err error) {
	if isUTF16(text) {
		return nil, false, fmt.Errorf("it is not valid %s: it is in UTF-16; save it in UTF-8", strings.ToUpper(string(f)))
	}
	data, err := syntaxOf(f).decode(bytes.TrimPrefix(text, []byte(bom)))
	if err != nil {
		return nil, false, err
	}
	value, found = lookUp(data, path)
	return value, found, nil
}

// Set gives the entry at path the members of value, and returns the new text. Other members
// of the entry and of objects in it are kept, because clients store their own settings
// there. A text that needs no change is returned unchanged.
func Set(f clientconfig.Format, text []byte, path []string, value clientconfig.Object) ([]byte, error) {
	return change(f, text, func(s syntax, text []byte, data map[string]any) ([]byte, error) {
		return merge(s, text, data, path, value)
	}, func(data map[string]any) error { return assign(data, path, generic(value)) })
}

// Delete removes the value at path, if there is one.
func Delete(f clientconfig.Format, text []byte, path []string) ([]byte, error) {
	return change(f, text, func(s syntax, text []byte, data map[string]any) ([]byte, error) {
		if _, found := lookUp(data, path); !found {
			return text, nil
		}
		return s.cutAt(text, path)
	}, func(data map[string]any) error { remove(data, path); return nil })
}

// change edits a text and verifies that its data changed as wanted.
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

// merge puts value's members one by one if there already is an object at path.
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

// nested wraps value in objects of these names, the first one outermost.
func nested(names []string, value any) any {
	for _, name := range slices.Backward(names) {
		value = clientconfig.Object{{Name: name, Value: value}}
	}
	return value
}

// newline returns the line end that the text uses.
func newline(text []byte) string {
	if bytes.Contains(text, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// withLineEnds returns piece with the line ends that the text uses.
func withLineEnds(piece string, text []byte) string {
	return strings.ReplaceAll(piece, "\n", newline(text))
}

// splice replaces text[from:to].
func splice(text []byte, from, to int, piece string) []byte {
	return slices.Concat(text[:from], []byte(piece), text[to:])
}

func notAnObject(path []string) error {
	if len(path) == 0 {
		return fmt.Errorf("the root of the file is not an object: %w", ErrByHand)
	}
	return fmt.Errorf("%s exists, but is not an object: %w", strings.Join(path, "."), ErrByHand)
}
