package awsfake

type scanInput struct {
	TableName, ProjectionExpression string
	ExpressionAttributeNames        map[string]string
	ExclusiveStartKey               item
	ConsistentRead                  bool
	Limit                           *int
}

// scan returns a page of a table, in the order of its keys. AWS has another order, which
// callers must not rely on.
func (d *DynamoDB) scan(in scanInput) (*queryOutput, error) {
	p := &placeholders{names: in.ExpressionAttributeNames}
	paths, ofPaths := parseProjection(p, in.ProjectionExpression)
	if err := firstError(ofPaths, p.checkUsed(), queryInput{Limit: in.Limit}.check()); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.find(in.TableName)
	if err != nil {
		return nil, err
	}
	if err := firstError(t.checkStart(in.ExclusiveStartKey, t.Key)); err != nil {
		return nil, err
	}
	q := parsedQuery{filter: func(item) bool { return true }, paths: paths}
	page := queryInput{ExclusiveStartKey: in.ExclusiveStartKey, Limit: in.Limit}
	return t.page(page, q, t.Key, t.ordered(page, q, t.Key)), nil
}
