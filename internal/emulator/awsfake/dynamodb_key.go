package awsfake

import (
	"cmp"
	"encoding/json"
)

// Limits of DynamoDB.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxItemBytes      = 400 << 10
	maxPartitionBytes = 2048
	maxSortBytes      = 1024
	maxPageBytes      = 1 << 20
	maxExpression     = 4 << 10
)

// attributes returns the attributes of the key: one or two.
func (k Key) attributes() []KeyAttribute {
	if k.Sort.Name == "" {
		return []KeyAttribute{k.Partition}
	}
	return []KeyAttribute{k.Partition, k.Sort}
}

// has reports whether the key contains an attribute.
func (k Key) has(name string) bool { return name == k.Partition.Name || name == k.Sort.Name }

// extract returns the key attributes of an item.
func (k Key) extract(it item) item {
	key := item{}
	for _, a := range k.attributes() {
		key[a.Name] = it[a.Name]
	}
	return key
}

// id returns the text that identifies a primary key.
func (k Key) id(it item) string {
	text, err := json.Marshal(k.extract(it))
	if err != nil {
		panic(err) // the types are those of this package
	}
	return string(text)
}

// checkKey returns an error unless key contains exactly the primary key.
func (t *table) checkKey(key item) *Error {
	if len(key) != len(t.Key.attributes()) {
		return invalid("The number of conditions on the keys is invalid")
	}
	for _, a := range t.Key.attributes() {
		if got, ok := key[a.Name]; !ok || got.kind != cmp.Or(a.Type, kindS) {
			return invalid("The provided key element does not match the schema")
		}
	}
	return t.Key.checkValues(key, "")
}

// checkItem returns an error unless an item may be stored.
func (t *table) checkItem(it item) *Error {
	for _, a := range t.Key.attributes() {
		got, ok := it[a.Name]
		switch want := cmp.Or(a.Type, kindS); {
		case !ok:
			return invalid("One or more parameter values were invalid: Missing the key %s in the item", a.Name)
		case got.kind != want:
			return invalid("One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s", a.Name, want, got.kind)
		}
	}
	if err := t.Key.checkValues(it, ""); err != nil {
		return err
	}
	return t.checkIndexed(it)
}

// checkIndexed returns an error if an item has an attribute of the index's key with
// an unsuitable value. An item without the attribute is not in the index.
func (t *table) checkIndexed(it item) *Error {
	if t.Index.Name == "" {
		return nil
	}
	for _, a := range t.Index.Key.attributes() {
		got, ok := it[a.Name]
		if want := cmp.Or(a.Type, kindS); ok && got.kind != want {
			return invalid("One or more parameter values were invalid: Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", a.Name, want, got.kind, t.Index.Name)
		}
	}
	return t.Index.Key.checkValues(it, t.Index.Name)
}

// checkValues returns an error if a value is empty or too long for a key.
func (k Key) checkValues(it item, index string) *Error {
	for _, a := range k.attributes() {
		got, ok := it[a.Name]
		limit := maxPartitionBytes
		if a.Name == k.Sort.Name {
			limit = maxSortBytes
		}
		switch {
		case !ok || got.kind == kindN:
		case got.text == "" && index != "":
			return invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: %s, IndexKey: %s", index, a.Name)
		case got.text == "":
			return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: %s", a.Name)
		case len(got.text) > limit:
			return invalid("One or more parameter values were invalid: Size of key attribute %s has exceeded the maximum size limit of %d bytes", a.Name, limit)
		}
	}
	return nil
}
