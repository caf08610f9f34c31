package configfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tailscale/hujson"
)

// parseJSON reads JSON with comments and trailing commas. A text without any
// value, such as an empty file, is an empty object. The value is parsed from a
// copy: hujson's values share their text's bytes, and Standardize overwrites the
// comments in them.
func parseJSON(text []byte) (hujson.Value, error) {
	text = bytes.Clone(text)
	v, err := hujson.Parse(text)
	if err != nil && !bytes.HasSuffix(text, []byte("\n")) {
		// hujson rejects a line comment at the end of the text without a newline; see
		// packJSON.
		if ended, endedErr := hujson.Parse(append(bytes.Clone(text), '\n')); endedErr == nil {
			v, err = ended, nil
		}
	}
	if err != nil {
		piece := "{}"
		if len(bytes.TrimSpace(text)) > 0 {
			piece = newline(text) + piece
		}
		empty, emptyErr := hujson.Parse([]byte(string(text) + piece + newline(text)))
		if emptyErr != nil {
			return hujson.Value{}, fmt.Errorf("it is not valid JSON: %s", strings.TrimPrefix(err.Error(), "hujson: "))
		}
		return empty, nil
	}
	if v.Value.Kind() != '{' {
		return hujson.Value{}, errors.New("it is not a valid JSON settings file: the root is not an object")
	}
	return v, nil
}

// packJSON writes a value that [parseJSON] read from text, without the newline that
// parseJSON added after a comment.
func packJSON(root hujson.Value, text []byte) []byte {
	out := root.Pack()
	if !root.AfterExtra.IsStandard() && !bytes.HasSuffix(text, []byte("\n")) {
		return bytes.TrimSuffix(out, []byte("\n"))
	}
	return out
}

func jsonDecode(text []byte) (map[string]any, error) {
	v, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	v.Standardize()
	data := map[string]any{}
	if err := decodeJSON(v.Pack(), &data); err != nil {
		return nil, fmt.Errorf("it is not valid JSON: %w", err)
	}
	return data, nil
}

func jsonPut(text []byte, path []string, value any) ([]byte, error) {
	root, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	st := jsonStyleOf(root, text)
	v := &root
	for i, name := range path {
		object, err := objectIn(v, path[:i])
		if err != nil {
			return nil, err
		}
		at, err := memberOf(object, name)
		if err != nil {
			return nil, err
		}
		if at < 0 {
			st.insert(object, name, nested(path[i+1:], value), i+1)
			return packJSON(root, text), nil
		}
		v = &object.Members[at].Value
	}
	if list, ok := value.([]string); ok && !bytes.Contains(v.Pack(), []byte("\n")) {
		v.Value = inLine(list)
		return packJSON(root, text), nil
	}
	v.Value = st.render(value, len(path)).Value
	return packJSON(root, text), nil
}

// objectIn returns v as an object; null becomes an empty one.
func objectIn(v *hujson.Value, path []string) (*hujson.Object, error) {
	if v.Value.Kind() == 'n' {
		v.Value = &hujson.Object{}
	}
	object, ok := v.Value.(*hujson.Object)
	if !ok {
		return nil, notAnObject(path)
	}
	return object, nil
}

// memberOf returns the index of a member, -1 if there is none. A name that occurs
// twice is an error: programs differ in which one they use.
func memberOf(o *hujson.Object, name string) (int, error) {
	found := -1
	for i, m := range o.Members {
		if m.Name.Value.(hujson.Literal).String() != name {
			continue
		}
		if found >= 0 {
			return -1, fmt.Errorf("%q occurs twice: %w", name, ErrByHand)
		}
		found = i
	}
	return found, nil
}

// inLine renders a list in one line, for a file that had it in one line.
func inLine(list []string) *hujson.Array {
	a := &hujson.Array{}
	for i, text := range list {
		v := hujson.Value{Value: hujson.String(text)}
		if i > 0 {
			v.BeforeExtra = hujson.Extra(" ")
		}
		a.Elements = append(a.Elements, v)
	}
	return a
}

// plainJSON renders value in one line, without the escapes meant for HTML.
func plainJSON(value any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic(err) // callers pass only strings, bools, lists and Objects
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
