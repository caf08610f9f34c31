package awsfake

import (
	"slices"
)

// conditional has the parameters of an operation with a condition.
type conditional struct {
	ConditionExpression                 string
	ExpressionAttributeNames            map[string]string
	ExpressionAttributeValues           map[string]attribute
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
}

// check returns an error if a parameter has a value that the operation does not accept.
func (c conditional) check(returns ...string) *Error {
	if !slices.Contains(append(returns, "", "NONE", "ALL_OLD"), c.ReturnValues) {
		return invalid("Return values set to invalid value")
	}
	if !slices.Contains([]string{"", "NONE", "ALL_OLD"}, c.ReturnValuesOnConditionCheckFailure) {
		return invalid("1 validation error detected: Value '%s' at 'returnValuesOnConditionCheckFailure' failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]", c.ReturnValuesOnConditionCheckFailure)
	}
	return nil
}

// parse parses the condition; without one, it is always met.
func (c conditional) parse(p *placeholders) (condition, *Error) {
	if c.ConditionExpression == "" {
		return func(item) bool { return true }, nil
	}
	met, _, err := parse(p, "ConditionExpression", c.ConditionExpression, (*parser).condition)
	return met, err
}

// failed returns the error for a condition that is not met.
func (c conditional) failed(old item) *Error {
	err := newError("ConditionalCheckFailedException", "The conditional request failed")
	if c.ReturnValuesOnConditionCheckFailure == "ALL_OLD" && len(old) > 0 {
		err.members = map[string]any{"Item": old}
	}
	return err
}

func (c conditional) placeholders() *placeholders {
	return &placeholders{names: c.ExpressionAttributeNames, values: c.ExpressionAttributeValues}
}

type attributesOutput struct {
	Attributes item `json:",omitempty"`
}

type putItemInput struct {
	TableName string
	Item      item
	conditional
}

func (d *DynamoDB) putItem(in putItemInput) (*attributesOutput, error) {
	p := in.placeholders()
	met, err := in.parse(p)
	if err := firstError(in.check(), err, p.checkUsed()); err != nil {
		return nil, err
	}
	return d.write(in.TableName, func(t *table) (item, *Error) {
		if err := t.checkItem(in.Item); err != nil {
			return nil, err
		}
		if in.Item.size() > maxItemBytes {
			return nil, invalid("Item size has exceeded the maximum allowed size")
		}
		id := t.Key.id(in.Item)
		old := t.items[id]
		if !met(old) {
			return nil, in.failed(old)
		}
		t.items[id] = in.Item
		return returned(in.ReturnValues, old, nil, nil), nil
	})
}

type deleteItemInput struct {
	TableName string
	Key       item
	conditional
}

func (d *DynamoDB) deleteItem(in deleteItemInput) (*attributesOutput, error) {
	p := in.placeholders()
	met, err := in.parse(p)
	if err := firstError(in.check(), err, p.checkUsed()); err != nil {
		return nil, err
	}
	return d.write(in.TableName, func(t *table) (item, *Error) {
		if err := t.checkKey(in.Key); err != nil {
			return nil, err
		}
		id := t.Key.id(in.Key)
		old := t.items[id]
		if !met(old) {
			return nil, in.failed(old)
		}
		delete(t.items, id)
		return returned(in.ReturnValues, old, nil, nil), nil
	})
}

type updateItemInput struct {
	TableName        string
	Key              item
	UpdateExpression string
	conditional
}

func (d *DynamoDB) updateItem(in updateItemInput) (*attributesOutput, error) {
	p := in.placeholders()
	met, err := in.parse(p)
	var actions []action
	var refused *Error
	if in.UpdateExpression != "" {
		actions, _, refused = parse(p, "UpdateExpression", in.UpdateExpression, (*parser).update)
	}
	if err := firstError(in.check("ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"), refused, err, p.checkUsed()); err != nil {
		return nil, err
	}
	return d.write(in.TableName, func(t *table) (item, *Error) {
		if err := t.checkKey(in.Key); err != nil {
			return nil, err
		}
		if err := t.checkActions(actions); err != nil {
			return nil, err
		}
		return t.update(in, met, actions)
	})
}

// checkActions returns an error if an action changes the primary key.
func (t *table) checkActions(actions []action) *Error {
	for _, a := range actions {
		if name := a.path[0].name; t.Key.has(name) {
			return invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", name)
		}
	}
	return nil
}

func (t *table) update(in updateItemInput, met condition, actions []action) (item, *Error) {
	id := t.Key.id(in.Key)
	old := t.items[id]
	if !met(old) {
		return nil, in.failed(old)
	}
	before := old
	if before == nil {
		before = in.Key
	}
	after, err := apply(before, actions)
	if err != nil {
		return nil, err
	}
	if err := t.checkIndexed(after); err != nil {
		return nil, err
	}
	if after.size() > maxItemBytes {
		return nil, invalid("Item size to update has exceeded the maximum allowed size")
	}
	t.items[id] = after
	return returned(in.ReturnValues, old, after, actions), nil
}

// returned selects what ReturnValues requests.
func returned(which string, old, now item, actions []action) item {
	var paths []path
	for _, a := range actions {
		paths = append(paths, a.path)
	}
	switch which {
	case "ALL_OLD":
		return old
	case "ALL_NEW":
		return now
	case "UPDATED_OLD":
		return project(old, paths)
	case "UPDATED_NEW":
		return project(now, paths)
	}
	return nil
}

// write runs a change of a table.
func (d *DynamoDB) write(name string, change func(*table) (item, *Error)) (*attributesOutput, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.find(name)
	if err != nil {
		return nil, err
	}
	attributes, refused := change(t)
	if refused != nil {
		return nil, refused
	}
	return &attributesOutput{attributes}, nil
}

type getItemInput struct {
	TableName                string
	Key                      item
	ConsistentRead           bool
	ProjectionExpression     string
	ExpressionAttributeNames map[string]string
}

type getItemOutput struct {
	Item item `json:",omitempty"`
}

func (d *DynamoDB) getItem(in getItemInput) (*getItemOutput, error) {
	p := &placeholders{names: in.ExpressionAttributeNames}
	paths, refused := parseProjection(p, in.ProjectionExpression)
	if err := firstError(refused, p.checkUsed()); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.find(in.TableName)
	if err != nil {
		return nil, err
	}
	if err := t.checkKey(in.Key); err != nil {
		return nil, err
	}
	found := t.items[t.Key.id(in.Key)]
	if paths != nil {
		found = project(found, paths)
	}
	return &getItemOutput{found}, nil
}

// parseProjection returns the paths of a projection expression; nil if it is empty.
func parseProjection(p *placeholders, text string) ([]path, *Error) {
	if text == "" {
		return nil, nil
	}
	paths, _, err := parse(p, "ProjectionExpression", text, func(p *parser) []path {
		paths := list(p, p.path)
		for i, a := range paths {
			if slices.ContainsFunc(paths[:i], a.overlap) {
				p.fail("Two document paths overlap with each other; must remove or rewrite one of these paths; path: %v", a)
			}
			if slices.ContainsFunc(a, func(s step) bool { return s.name == "" }) {
				p.fail("list indexes are not supported here")
			}
		}
		return paths
	})
	return paths, err
}

// project returns the parts of an item at the paths.
func project(it item, paths []path) item {
	out := attribute{kind: kindM, fields: item{}}
	for _, at := range paths {
		if a := it.get(at); a.kind != "" {
			out = out.adding(at, a)
		}
	}
	return out.fields
}

// adding returns the document with value at the path, and creates missing parents.
// A list in the result contains only the elements that were added.
func (a attribute) adding(at path, value attribute) attribute {
	if len(at) == 0 {
		return value
	}
	if at[0].name == "" {
		return attribute{kind: kindL, list: append(slices.Clone(a.list), attribute{}.adding(at[1:], value))}
	}
	fields := item{}
	for name, field := range a.fields {
		fields[name] = field
	}
	fields[at[0].name] = fields[at[0].name].adding(at[1:], value)
	return attribute{kind: kindM, fields: fields}
}

// firstError returns the first error as an error, or nil.
func firstError(errs ...*Error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
