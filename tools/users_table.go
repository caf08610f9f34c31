package tools

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// usersTableSetting names the setting for the DynamoDB table of lookup_user; empty means
// sample data. The function's role needs dynamodb:GetItem on the table, which
// stacks/custom.go grants.
const usersTableSetting = "TOOL_USERS_TABLE"

// usersTimeout bounds a lookup, including retries; one takes about 10 ms.
const usersTimeout = 3 * time.Second

// usersTable returns a directory backed by a DynamoDB table. The partition key is
// the string user_id; name, email and department are strings, active is a
// boolean. It proposes no ids: listing a table reads, and bills, all of it.
func usersTable(cfg Config, table string) (directory, error) {
	noIDs := func(context.Context, string, map[string]string) ([]string, error) { return nil, nil }
	if cfg.AWS.Region == "" {
		return directory{ids: noIDs}, errors.New(usersTableSetting + " is set, but no AWS region is configured")
	}
	client := dynamodb.NewFromConfig(cfg.AWS)
	get := func(ctx context.Context, id string) (user, bool, error) {
		ctx, cancel := context.WithTimeout(ctx, usersTimeout)
		defer cancel()
		out, err := client.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String(table),
			Key:       map[string]types.AttributeValue{"user_id": &types.AttributeValueMemberS{Value: id}},
		})
		if err != nil {
			return user{}, false, fmt.Errorf("read user from table %q: %w", table, err)
		}
		return userOf(id, out.Item), out.Item != nil, nil
	}
	return directory{get: get, ids: noIDs}, nil
}

// userOf converts an item. An attribute that is absent or of another type becomes the
// zero value: an account without the attribute active is not active.
func userOf(id string, item map[string]types.AttributeValue) user {
	text := func(name string) string {
		if s, ok := item[name].(*types.AttributeValueMemberS); ok {
			return s.Value
		}
		return ""
	}
	active, _ := item["active"].(*types.AttributeValueMemberBOOL)
	return user{
		UserID:     id,
		Name:       text("name"),
		Email:      text("email"),
		Department: text("department"),
		Active:     active != nil && active.Value,
		Source:     "dynamodb",
	}
}
