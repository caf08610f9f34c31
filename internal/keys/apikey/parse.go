package apikey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// ErrTooLarge means that a key document is larger than [MaxDocument].
var ErrTooLarge = errors.New("key document is too large")

// ParseDocument decodes a key document. Its errors name the entry and the field and
// quote no value, since a stored value may be a secret.
func ParseDocument(data []byte) (Document, error) {
	if len(data) > MaxDocument {
		return Document{}, fmt.Errorf("%w: %d bytes, at most %d are allowed", ErrTooLarge, len(data), MaxDocument)
	}
	var d Document
	var keys []json.RawMessage
	var must []string
	var err error
	if d.Extra, err = decode(data, map[string]any{"keys": &keys, "x-must": &must}); err != nil {
		return Document{}, fmt.Errorf("key document: %w", err)
	}
	if len(must) > 0 {
		return Document{}, fmt.Errorf("key document: this version does not understand its field %.16q", must[0])
	}
	if keys == nil {
		return Document{}, errors.New("key document: field \"keys\" is missing")
	}
	d.Keys = make([]Key, len(keys))
	for i, raw := range keys {
		if d.Keys[i], err = parseKey(raw); err != nil {
			return Document{}, fmt.Errorf("key document, entry %d: %w", i+1, err)
		}
	}
	if err := checkUnique(d.Keys); err != nil {
		return Document{}, fmt.Errorf("key document: %w", err)
	}
	return d, nil
}

func parseKey(raw []byte) (Key, error) {
	var k Key
	var err error
	k.Extra, err = decode(raw, k.fields())
	if err != nil {
		return Key{}, err
	}
	return k.normalized()
}

// fields returns pointers to the fields of an entry, by name, for decode.
func (k *Key) fields() map[string]any {
	return map[string]any{
		"id": &k.ID, "sha256": &k.SHA256, "created": (*moment)(&k.Created),
		"expires": (*moment)(&k.Expires), "tools": &k.Tools, "note": &k.Note, "x-must": &k.Must, limitsField: &k.Limits,
	}
}

// decode decodes one JSON object strictly into the named fields, and unknown fields
// into extra. Package encoding/json alone would ignore the case of names, use the last
// of two fields with one name, and treat null as a missing field. Each of these could
// extend what a key may do.
func decode(data []byte, fields map[string]any) (extra map[string]json.RawMessage, err error) {
	object, err := parseObject(data)
	if err != nil {
		return nil, err
	}
	for name, raw := range object {
		target, known := fields[name]
		switch {
		case !known:
			if err := checkUnknown(name, fields); err != nil {
				return nil, err
			}
			if extra == nil {
				extra = map[string]json.RawMessage{}
			}
			extra[name] = raw
		case bytes.Contains(raw, []byte("null")) && hasNull(raw), json.Unmarshal(raw, target) != nil:
			return nil, fmt.Errorf("field %q has the wrong type or form", name)
		}
	}
	return extra, nil
}

// checkUnknown rejects an unknown field that is probably a mistake: it differs from a
// known field only in case, separators or a plural s, or has characters that no field
// name has.
func checkUnknown(name string, fields map[string]any) error {
	for known := range fields {
		if canonical(name) == canonical(known) {
			return fmt.Errorf("unknown field %.16q, which must be spelled %q", name, known)
		}
	}
	if plain := strings.TrimPrefix(name, "x-"); plain == name && (name == "" || !only(name, base62) || name[0] < 'a') {
		return fmt.Errorf("unknown field %.16q", name)
	}
	return nil
}

func canonical(name string) string {
	return strings.TrimSuffix(strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name)), "s")
}

// parseObject splits an object into its fields and rejects repeated names.
func parseObject(data []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	object := map[string]json.RawMessage{}
	for dec.More() {
		token, err := dec.Token()
		name, _ := token.(string)
		var raw json.RawMessage
		if err != nil || dec.Decode(&raw) != nil {
			return nil, errors.New("not a JSON object")
		}
		if _, twice := object[name]; twice {
			return nil, fmt.Errorf("field %.16q occurs twice", name)
		}
		object[name] = raw
	}
	if _, err := dec.Token(); err != nil { // the closing brace
		return nil, errors.New("not a JSON object")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not a JSON object: there is more text after it")
	}
	return object, nil
}

// moment is a time in RFC 3339 between the years 2000 and 9999: a stored
// "0001-01-01T00:00:00Z" must not become the zero time, which means never.
type moment time.Time

// UnmarshalJSON implements [json.Unmarshaler].
func (m *moment) UnmarshalJSON(data []byte) error {
	var t time.Time
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	t = t.UTC()
	if t.Year() < 2000 || t.Year() > 9999 {
		return errors.New("not between the years 2000 and 9999")
	}
	*m = moment(t)
	return nil
}

// hasNull reports whether a value is null or an array that contains null.
func hasNull(raw []byte) bool {
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		return false
	}
	for _, v := range list {
		if v == nil {
			return true
		}
	}
	return list == nil // the value itself is null
}
