package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"serverless-mcp/internal/mcp/mcpjob"
)

// Table is the part of DynamoDB that jobs need; *dynamodb.Client implements it.
type Table interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
}

// store reads and writes items. Every write has a condition on the version.
type store struct {
	table Table
	name  string
}

// get returns an item by a consistent read, or mcpjob.ErrUnknown.
func (s store) get(ctx context.Context, id string) (item, error) {
	out, err := s.table.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(s.name), ConsistentRead: aws.Bool(true), Key: attributes{attrID: text(id)},
	})
	if err != nil {
		return item{}, err
	}
	if out.Item == nil {
		return item{}, mcpjob.ErrUnknown
	}
	return decode(out.Item)
}

// create writes a new item.
func (s store) create(ctx context.Context, i *item) error {
	written, err := s.put(ctx, i)
	if err == nil && !written {
		err = errors.New("the random id exists")
	}
	return err
}

// change reads an item, applies a transition and writes the result. It starts again if
// another process has written in between. changed is false if the transition did not
// apply; i is the item as it is now.
func (s store) change(ctx context.Context, id string, transition func(*item) bool) (i item, changed bool, err error) {
	for {
		if i, err = s.get(ctx, id); err != nil {
			return i, false, err
		}
		if !transition(&i) {
			return i, false, nil
		}
		if changed, err = s.put(ctx, &i); changed || err != nil {
			return i, changed, err
		}
	}
}

// put writes an item if its version is still the stored one, or if it is new. It
// returns false if another process was faster. The SDK repeats a call whose response was
// lost; the condition then fails because of our own write, which put recognizes.
func (s store) put(ctx context.Context, i *item) (written bool, err error) {
	condition, before := "attribute_not_exists(#version)", attributes(nil)
	if i.Version > 0 {
		condition, before = "#version = :version", attributes{":version": number(i.Version)}
	}
	next := *i
	next.Version, next.Write = i.Version+1, rand.Text()
	_, err = s.table.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(s.name), Item: next.encode(), ConditionExpression: aws.String(condition),
		ExpressionAttributeNames: map[string]string{"#version": attrVersion}, ExpressionAttributeValues: before,
	})
	if conflict := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &conflict) {
		stored, err := s.get(ctx, i.ID)
		if errors.Is(err, mcpjob.ErrUnknown) {
			return false, nil
		}
		if err != nil || stored.Write != next.Write {
			return false, err
		}
	} else if err != nil {
		return false, err
	}
	*i = next
	return true, nil
}

// attributes is an item as DynamoDB stores it.
type attributes = map[string]types.AttributeValue

// Names of attributes that are used more than once: the key, the time to live, the
// version and the error code.
const (
	attrID      = "id"
	attrExpires = "expires"
	attrVersion = "version"
	attrCode    = "code"
)

// strings and numbers return the fields of an item by attribute name.
func (i *item) strings() map[string]*string {
	return map[string]*string{
		attrID: &i.ID, "write": &i.Write, "keyId": &i.KeyID, "scope": &i.Scope, "keyUntil": &i.KeyUntil, "tool": &i.Tool,
		"arguments": &i.Arguments, "responses": &i.Responses, "status": (*string)(&i.Status), "message": &i.Message,
		"result": &i.Result, "lease": &i.Lease,
	}
}

func (i *item) numbers() map[string]*int64 {
	return map[string]*int64{
		attrVersion: &i.Version, "created": &i.Created, "updated": &i.Updated, "sent": &i.Sent, "sends": &i.Sends,
		"runs": &i.Runs, "maxRuns": &i.MaxRuns, "leaseUntil": &i.LeaseUntil,
	}
}

// encode returns the item with its expiry, in seconds. Empty fields are omitted.
func (i *item) encode() attributes {
	a := attributes{}
	maps.Copy(a, i.Other)
	a[attrExpires] = number(i.Created/1000 + int64(TTL.Seconds()))
	for name, field := range i.strings() {
		if *field != "" {
			a[name] = text(*field)
		}
	}
	for name, field := range i.numbers() {
		if *field != 0 {
			a[name] = number(*field)
		}
	}
	if i.Code != 0 {
		a[attrCode] = number(int64(i.Code))
	}
	return a
}

// decode is the inverse of encode.
func decode(a attributes) (item, error) {
	var i item
	var code int64
	i.Other = maps.Clone(a)
	for name, field := range i.strings() {
		delete(i.Other, name)
		if s, ok := a[name].(*types.AttributeValueMemberS); ok {
			*field = s.Value
		}
	}
	delete(i.Other, attrExpires)
	numbers := i.numbers()
	numbers[attrCode] = &code
	for name, field := range numbers {
		delete(i.Other, name)
		n, ok := a[name].(*types.AttributeValueMemberN)
		if !ok {
			continue
		}
		var err error
		if *field, err = strconv.ParseInt(n.Value, 10, 64); err != nil {
			return i, fmt.Errorf("decode a job: %s is not a whole number", name)
		}
	}
	i.Code = int(code)
	return i, nil
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
