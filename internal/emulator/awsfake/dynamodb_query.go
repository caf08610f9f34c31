package awsfake

import (
	"cmp"
	"slices"
	"strings"
)

type queryInput struct {
	TableName, IndexName                                           string
	KeyConditionExpression, FilterExpression, ProjectionExpression string
	ExpressionAttributeNames                                       map[string]string
	ExpressionAttributeValues                                      map[string]attribute
	ExclusiveStartKey                                              item
	ScanIndexForward                                               *bool
	ConsistentRead                                                 bool
	Limit                                                          *int
	Select                                                         string
}

type queryOutput struct {
	Items               []item `json:",omitzero"` // nil if only the count is requested
	Count, ScannedCount int
	LastEvaluatedKey    item `json:",omitempty"`
}

// keyPart is a condition on one attribute of a key.
type keyPart struct {
	name, operator string
	low, high      attribute // high is used by BETWEEN only
}

// keyParts parses a key condition.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
func (p *parser) keyParts() []keyPart {
	parts := []keyPart{p.keyPart()}
	for p.accept("AND") {
		parts = append(parts, p.keyPart())
	}
	return parts
}

func (p *parser) keyPart() keyPart {
	if p.accept("(") {
		part := p.keyPart()
		p.expect(")")
		return part
	}
	if p.peek(1) == "(" {
		if name := p.next(); name != "begins_with" {
			p.fail("Invalid operator used in KeyConditionExpression: %s", name)
		}
		p.expect("(")
		at := p.path()
		p.expect(",")
		part := keyPart{at[0].name, "begins_with", p.value(), attribute{}}
		p.expect(")")
		return part
	}
	part := keyPart{name: p.path()[0].name, operator: strings.ToUpper(p.next())}
	switch part.operator {
	case "=", "<", "<=", ">", ">=":
		part.low = p.value()
	case "BETWEEN":
		part.low = p.value()
		p.expect("AND")
		part.high = p.value()
	default:
		p.fail("Invalid operator used in KeyConditionExpression: %s", part.operator)
	}
	return part
}

func (k keyPart) matches(it item) bool {
	switch a := it[k.name]; k.operator {
	case "=":
		return equalPresent(a, k.low)
	case "<", "<=":
		return less(a, k.low, k.operator == "<=")
	case ">", ">=":
		return less(k.low, a, k.operator == ">=")
	case "BETWEEN":
		return less(k.low, a, true) && less(a, k.high, true)
	default:
		return strings.HasPrefix(a.text, k.low.text)
	}
}

// checkParts returns an error unless the parts are an equality of the partition key
// and, at most, one condition on the sort key.
func (k Key) checkParts(parts []keyPart) *Error {
	seen := map[string]bool{}
	for _, part := range parts {
		if seen[part.name] {
			return invalid("KeyConditionExpressions must only contain one condition per key")
		}
		seen[part.name] = true
		for _, a := range k.attributes() {
			if a.Name == part.name && part.low.kind != cmp.Or(a.Type, kindS) {
				return invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
			}
		}
		if part.name == k.Partition.Name && part.operator != "=" {
			return invalid("Query key condition not supported")
		}
	}
	if !seen[k.Partition.Name] {
		return invalid("Query condition missed key schema element: %s", k.Partition.Name)
	}
	delete(seen, k.Partition.Name)
	delete(seen, k.Sort.Name)
	if len(seen) > 0 {
		return invalid("Query condition missed key schema element: %s", cmp.Or(k.Sort.Name, k.Partition.Name))
	}
	return nil
}

// parsedQuery is a query's parsed expressions.
type parsedQuery struct {
	parts    []keyPart
	filter   condition
	filtered []path // attributes of the filter
	paths    []path // projection; nil means all attributes
}

func (in queryInput) parse() (q parsedQuery, err error) {
	p := &placeholders{names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues}
	var ofKey, ofFilter, ofPaths *Error
	if in.KeyConditionExpression == "" {
		return q, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	q.parts, _, ofKey = parse(p, "KeyConditionExpression", in.KeyConditionExpression, (*parser).keyParts)
	q.filter = func(item) bool { return true }
	if in.FilterExpression != "" {
		q.filter, q.filtered, ofFilter = parse(p, "FilterExpression", in.FilterExpression, (*parser).condition)
	}
	q.paths, ofPaths = parseProjection(p, in.ProjectionExpression)
	return q, firstError(ofFilter, ofPaths, ofKey, p.checkUsed(), in.check())
}

// check returns an error for parameters that are never valid.
func (in queryInput) check() *Error {
	switch {
	case in.Limit != nil && *in.Limit < 1:
		return invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1", *in.Limit)
	case !slices.Contains([]string{"", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT"}, in.Select):
		return invalid("1 validation error detected: Value '%s' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]", in.Select)
	case in.ConsistentRead && in.IndexName != "":
		return invalid("Consistent reads are not supported on global secondary indexes")
	}
	return nil
}

func (d *DynamoDB) query(in queryInput) (*queryOutput, error) {
	q, err := in.parse()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.find(in.TableName)
	if err != nil {
		return nil, err
	}
	key := t.Key
	if in.IndexName != "" {
		if in.IndexName != t.Index.Name {
			return nil, invalid("The table does not have the specified index: %s", in.IndexName)
		}
		key = t.Index.Key
	}
	if err := firstError(key.checkParts(q.parts), key.checkFilter(q.filtered), t.checkStart(in.ExclusiveStartKey, key)); err != nil {
		return nil, err
	}
	return t.page(in, q, key, t.ordered(in, q, key)), nil
}

// checkFilter returns an error if a filter uses an attribute of the key.
func (k Key) checkFilter(paths []path) *Error {
	for _, at := range paths {
		if k.has(at[0].name) {
			return invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", at[0].name)
		}
	}
	return nil
}

// checkStart returns an error if a start key lacks an attribute.
func (t *table) checkStart(start item, key Key) *Error {
	if start == nil {
		return nil
	}
	want := map[string]bool{}
	for _, a := range slices.Concat(t.Key.attributes(), key.attributes()) {
		want[a.Name] = true
		if got, ok := start[a.Name]; !ok || got.kind != cmp.Or(a.Type, kindS) {
			return invalid("The provided starting key is invalid")
		}
	}
	if len(start) != len(want) {
		return invalid("The provided starting key is invalid")
	}
	return nil
}

// ordered returns the items after the start key that match the key condition, in order.
func (t *table) ordered(in queryInput, q parsedQuery, key Key) []item {
	direction := 1
	if in.ScanIndexForward != nil && !*in.ScanIndexForward {
		direction = -1
	}
	order := func(a, b item) int {
		return direction * cmp.Or(compare(a[key.Sort.Name], b[key.Sort.Name]),
			compare(a[t.Key.Partition.Name], b[t.Key.Partition.Name]), compare(a[t.Key.Sort.Name], b[t.Key.Sort.Name]))
	}
	var matching []item
	for _, it := range t.items {
		indexed := !slices.ContainsFunc(key.attributes(), func(a KeyAttribute) bool { return it[a.Name].kind == "" })
		matches := !slices.ContainsFunc(q.parts, func(part keyPart) bool { return !part.matches(it) })
		if indexed && matches && (in.ExclusiveStartKey == nil || order(it, in.ExclusiveStartKey) > 0) {
			matching = append(matching, it)
		}
	}
	slices.SortFunc(matching, order)
	return matching
}

// page returns the first page of the matching items.
func (t *table) page(in queryInput, q parsedQuery, key Key, matching []item) *queryOutput {
	out := &queryOutput{}
	if in.Select != "COUNT" {
		out.Items = []item{}
	}
	bytes := 0
	for _, it := range matching {
		out.ScannedCount++
		bytes += it.size()
		if q.filter(it) {
			out.Count++
			if q.paths != nil {
				it = project(it, q.paths)
			}
			if in.Select != "COUNT" {
				out.Items = append(out.Items, it)
			}
		}
		if in.Limit != nil && out.ScannedCount == *in.Limit || bytes >= maxPageBytes {
			last := matching[out.ScannedCount-1]
			out.LastEvaluatedKey = t.Key.extract(last)
			for name, a := range key.extract(last) {
				out.LastEvaluatedKey[name] = a
			}
			break
		}
	}
	return out
}
