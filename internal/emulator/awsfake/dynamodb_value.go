package awsfake

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Names of DynamoDB's data types.
const (
	kindS    = "S"
	kindN    = "N"
	kindB    = "B"
	kindBOOL = "BOOL"
	kindNULL = "NULL"
	kindL    = "L"
	kindM    = "M"
	kindSS   = "SS"
	kindNS   = "NS"
	kindBS   = "BS"
)

// attribute is an attribute value. It is never changed, only replaced. The zero value
// stands for a missing attribute.
type attribute struct {
	kind   string
	text   string  // of S, and the bytes of B
	number decimal // of N
	yes    bool    // of BOOL
	list   []attribute
	fields item
}

// item is an item, or a map in one, by attribute name.
type item map[string]attribute

// elementKind returns the type of a set's elements, or "" for other types.
func elementKind(kind string) string {
	switch kind {
	case kindSS, kindNS, kindBS:
		return kind[:1]
	}
	return ""
}

// UnmarshalJSON implements [json.Unmarshaler].
func (a *attribute) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	if len(members) != 1 {
		return invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	for kind, value := range members {
		*a = attribute{kind: kind}
		return a.decode(value)
	}
	return nil
}

func (a *attribute) decode(value []byte) (err error) {
	switch a.kind {
	case kindS:
		err = json.Unmarshal(value, &a.text)
	case kindN:
		err = json.Unmarshal(value, &a.text)
		if err == nil {
			return a.parseNumber()
		}
	case kindB:
		var raw []byte
		err = json.Unmarshal(value, &raw)
		a.text = string(raw)
	case kindBOOL, kindNULL:
		err = json.Unmarshal(value, &a.yes)
		if err == nil && a.kind == kindNULL && !a.yes {
			return invalid("One or more parameter values were invalid: Null attribute value types must have the value of true")
		}
	case kindL:
		err = json.Unmarshal(value, &a.list)
	case kindM:
		a.fields = item{}
		err = json.Unmarshal(value, &a.fields)
	case kindSS, kindNS, kindBS:
		return a.decodeSet(value)
	default:
		return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	return err
}

// parseNumber converts the text of a number.
func (a *attribute) parseNumber() error {
	number, refused := parseDecimal(a.text)
	if refused != nil {
		return refused
	}
	a.number, a.text = number, ""
	return nil
}

func (a *attribute) decodeSet(value []byte) error {
	var texts []string
	if err := json.Unmarshal(value, &texts); err != nil {
		return err
	}
	if len(texts) == 0 {
		return invalid("One or more parameter values were invalid: An %s set may not be empty", map[string]string{kindSS: "string", kindNS: "number", kindBS: "binary"}[a.kind])
	}
	for _, text := range texts {
		element := attribute{kind: elementKind(a.kind), text: text}
		switch element.kind {
		case kindN:
			if err := element.parseNumber(); err != nil {
				return err
			}
		case kindB:
			raw, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				return err
			}
			element.text = string(raw)
		}
		if contains(a.list, element) {
			return invalid("One or more parameter values were invalid: Input collection contains duplicates.")
		}
		a.list = append(a.list, element)
	}
	slices.SortFunc(a.list, compare) // sets are unordered; equal compares them in sorted order
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (a attribute) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{a.kind: a.value()})
}

// value returns the value as it appears in JSON.
func (a attribute) value() any {
	switch a.kind {
	case kindS:
		return a.text
	case kindN:
		return a.number.String()
	case kindB:
		return []byte(a.text)
	case kindBOOL, kindNULL:
		return a.yes
	case kindM:
		return a.fields
	case kindL:
		return slices.Concat([]attribute{}, a.list) // never null
	}
	values := []any{}
	for _, element := range a.list {
		values = append(values, element.value())
	}
	return values
}

// equal reports whether two values have the same type and value.
func equal(a, b attribute) bool {
	if a.kind != b.kind || len(a.list) != len(b.list) {
		return false
	}
	switch a.kind {
	case kindS, kindB:
		return a.text == b.text
	case kindN:
		return a.number.cmp(b.number) == 0
	case kindBOOL:
		return a.yes == b.yes
	case kindM:
		return maps.EqualFunc(a.fields, b.fields, equal)
	}
	return slices.EqualFunc(a.list, b.list, equal)
}

// compare orders two strings, numbers or binaries. It returns 0 for other types.
func compare(a, b attribute) int {
	if a.kind == kindN {
		return a.number.cmp(b.number)
	}
	return strings.Compare(a.text, b.text)
}

func contains(list []attribute, a attribute) bool {
	return slices.ContainsFunc(list, func(b attribute) bool { return equal(a, b) })
}

// size returns the bytes that count towards an item's size.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func (a attribute) size() int {
	n := 0
	switch a.kind {
	case kindS, kindB:
		return len(a.text)
	case kindN:
		n = (a.number.digits()+1)/2 + 1
		if a.number.coefficient != nil && a.number.coefficient.Sign() < 0 {
			n++
		}
		return n
	case kindBOOL, kindNULL:
		return 1
	case kindM:
		return 3 + len(a.fields) + a.fields.size()
	case kindL:
		n = 3 + len(a.list)
	}
	for _, element := range a.list {
		n += element.size()
	}
	return n
}

func (it item) size() int {
	n := 0
	for name, a := range it {
		n += len(name) + a.size()
	}
	return n
}
