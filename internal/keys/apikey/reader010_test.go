package apikey_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// This file is the reader of version 0.1.0, which is deployed after a roll-back.

func parse010(data []byte) error {
	_, err := parseDocument010(data)
	return err
}

type document010 struct {
	Keys  []key010
	Extra map[string]json.RawMessage
}

type key010 struct {
	ID, SHA256       string
	Created, Expires time.Time
	Tools            []string
	Note             string
	Extra            map[string]json.RawMessage
}

type moment010 time.Time

const base62x010 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func only010(s, alphabet string) bool { return strings.Trim(s, alphabet) == "" }

func parseDocument010(data []byte) (document010, error) {
	if len(data) > 64*1024 {
		return document010{}, fmt.Errorf("%w: it is %d bytes, at most %d are allowed", errors.New("too large"), len(data), 64*1024)
	}
	var d document010
	var keys []json.RawMessage
	var err error
	if d.Extra, err = decode010(data, map[string]any{"keys": &keys}); err != nil {
		return document010{}, fmt.Errorf("key document: %w", err)
	}
	if keys == nil {
		return document010{}, errors.New("key document: it has no keys")
	}
	d.Keys = make([]key010, len(keys))
	for i, raw := range keys {
		if d.Keys[i], err = parseKey010(raw); err != nil {
			return document010{}, fmt.Errorf("key document, entry %d: %w", i+1, err)
		}
	}
	if err := checkUnique010(d.Keys); err != nil {
		return document010{}, fmt.Errorf("key document: %w", err)
	}
	return d, nil
}

func parseKey010(raw []byte) (key010, error) {
	var k key010
	var err error
	k.Extra, err = decode010(raw, map[string]any{
		"id": &k.ID, "sha256": &k.SHA256, "created": (*moment010)(&k.Created),
		"expires": (*moment010)(&k.Expires), "tools": &k.Tools, "note": &k.Note,
	})
	if err != nil {
		return key010{}, err
	}
	return k.checked()
}

func decode010(data []byte, fields map[string]any) (extra map[string]json.RawMessage, err error) {
	object, err := parseObject010(data)
	if err != nil {
		return nil, err
	}
	for name, raw := range object {
		target, known := fields[name]
		switch {
		case strings.HasPrefix(name, "x-"):
			if extra == nil {
				extra = map[string]json.RawMessage{}
			}
			extra[name] = raw
		case !known:
			return nil, fmt.Errorf("unknown field %.16q", name)
		case bytes.Contains(raw, []byte("null")) && hasNull010(raw), json.Unmarshal(raw, target) != nil:
			return nil, fmt.Errorf("field %q has a wrong type or form", name)
		}
	}
	return extra, nil
}

func parseObject010(data []byte) (map[string]json.RawMessage, error) {
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
		return nil, errors.New("not one JSON object: something follows it")
	}
	return object, nil
}

func (m *moment010) UnmarshalJSON(data []byte) error {
	var t time.Time
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	t = t.UTC()
	if t.Year() < 2000 || t.Year() > 9999 {
		return errors.New("not between the years 2000 and 9999")
	}
	*m = moment010(t)
	return nil
}

func hasNull010(raw []byte) bool {
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

func checkID010(id string) error {
	if id == "" || len(id) > 63 || id[0] == '-' || !only010(id, base62x010[:36]+"-") {
		return fmt.Errorf("id is not of the form [a-z0-9][a-z0-9-]{0,%d}", 62)
	}
	return nil
}

func checkTool010(name string) error {
	if name == "" || len(name) > 128 || !only010(name, base62x010+"_-.") {
		return fmt.Errorf("tool name is not of the form [A-Za-z0-9_.-]{1,%d}", 128)
	}
	return nil
}

func (k key010) checked() (key010, error) {
	if err := checkID010(k.ID); err != nil {
		return key010{}, err
	}
	hash, err := hex.DecodeString(k.SHA256)
	if err != nil || len(hash) != 32 {
		return key010{}, fmt.Errorf("sha256 is not %d hex digits", 64)
	}
	k.SHA256 = strings.ToLower(k.SHA256)
	for _, tool := range k.Tools {
		if err := checkTool010(tool); err != nil {
			return key010{}, err
		}
	}
	return k, nil
}

func checkUnique010(keys []key010) error {
	hashes := map[string]string{}
	current := map[string]key010{}
	for _, k := range keys {
		if other, twice := hashes[k.SHA256]; twice {
			return fmt.Errorf("%q and %q have the same key", other, k.ID)
		}
		hashes[k.SHA256] = k.ID
		if earlier, shared := current[k.ID]; shared && earlier.Expires.IsZero() {
			return fmt.Errorf("%q occurs twice, and its earlier key has no expiry", k.ID)
		}
		current[k.ID] = k
	}
	return nil
}
