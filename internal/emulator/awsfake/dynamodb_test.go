package awsfake

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/google/go-cmp/cmp"
)

// dynamoClient returns the SDK's client. A warning of the SDK fails the test: it would be
// in the log of each call.
func dynamoClient(t *testing.T, url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(url), RetryMaxAttempts: 1,
		Logger:      logging.LoggerFunc(func(_ logging.Classification, format string, v ...any) { t.Errorf(format, v...) }),
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
}

// peopleTable is the table of these tests.
var peopleTable = Table{
	Name:  "people",
	Key:   Key{Partition: KeyAttribute{Name: "pk"}, Sort: KeyAttribute{Name: "sk", Type: "N"}},
	Index: Index{Name: "byOwner", Key: Key{Partition: KeyAttribute{Name: "own"}, Sort: KeyAttribute{Name: "made", Type: "N"}}},
	TTL:   "ends",
}

func startDynamoDB(t *testing.T, o Options, table Table) (*DynamoDB, *dynamodb.Client) {
	t.Helper()
	d := NewDynamoDB(o)
	d.Create(table)
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	return d, dynamoClient(t, server.URL)
}

func str(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
func num(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }

func key(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": str(pk), "sk": num(sk)}
}

// TestDynamoDBCounter: 100 concurrent conditional updates pass exactly as often as
// the condition allows.
func TestDynamoDBCounter(t *testing.T) {
	_, client := startDynamoDB(t, Options{}, peopleTable)
	var passed, denied atomic.Int32
	var calls sync.WaitGroup
	for range 100 {
		calls.Go(func() {
			_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
				TableName: aws.String("people"), Key: key("a", "1"),
				UpdateExpression:          aws.String("ADD c :one"),
				ConditionExpression:       aws.String("attribute_not_exists(c) OR c < :max"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":one": num("1"), ":max": num("30")},
			})
			var failed *types.ConditionalCheckFailedException
			switch {
			case err == nil:
				passed.Add(1)
			case errors.As(err, &failed):
				denied.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if passed.Load() != 30 || denied.Load() != 70 {
		t.Errorf("%d updates passed and %d were denied, want 30 and 70", passed.Load(), denied.Load())
	}
}

// TestDynamoDBOldItem tests ReturnValuesOnConditionCheckFailure, which dynalite lacks.
func TestDynamoDBOldItem(t *testing.T) {
	_, client := startDynamoDB(t, Options{}, peopleTable)
	put := func(name string) error {
		item := key("a", "1")
		item["name"] = str(name)
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String("people"), Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
		return err
	}
	if err := put("Ada"); err != nil {
		t.Fatal(err)
	}
	var failed *types.ConditionalCheckFailedException
	if err := put("Grace"); !errors.As(err, &failed) {
		t.Fatalf("the second put returned %v", err)
	}
	want := key("a", "1")
	want["name"] = str("Ada")
	if d := cmp.Diff(want, failed.Item, noUnexported); d != "" {
		t.Errorf("the error's item (-want +got):\n%s", d)
	}
}

func TestDynamoDBExpiry(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for _, drop := range []bool{false, true} {
		table := peopleTable
		table.DropExpired = drop
		_, client := startDynamoDB(t, Options{Now: func() time.Time { return now }}, table)
		left := map[string]bool{}
		for name, ends := range map[string]int64{"over": now.Unix() - 1, "now": now.Unix(), "later": now.Unix() + 60, "ancient": now.AddDate(-6, 0, 0).Unix()} {
			item := key(name, "1")
			item["ends"] = num(fmt.Sprint(ends))
			if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("people"), Item: item}); err != nil {
				t.Fatal(err)
			}
			got, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("people"), Key: key(name, "1")})
			if err != nil {
				t.Fatal(err)
			}
			left[name] = got.Item != nil
		}
		want := map[string]bool{"over": !drop, "now": true, "later": true, "ancient": true}
		if d := cmp.Diff(want, left); d != "" {
			t.Errorf("DropExpired %v: items (-want +got):\n%s", drop, d)
		}
	}
}

// TestDynamoDBPages reads 3 MB in pages of at most 1 MB.
func TestDynamoDBPages(t *testing.T) {
	_, client := startDynamoDB(t, Options{}, peopleTable)
	for i := range 10 {
		item := key("big", fmt.Sprint(i))
		item["filler"] = str(strings.Repeat("x", 300<<10))
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("people"), Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	var sizes []int
	pages := dynamodb.NewQueryPaginator(client, &dynamodb.QueryInput{
		TableName: aws.String("people"), KeyConditionExpression: aws.String("pk = :pk"), ProjectionExpression: aws.String("sk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": str("big")},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Items))
	}
	if d := cmp.Diff([]int{4, 4, 2}, sizes); d != "" {
		t.Errorf("items per page (-want +got):\n%s", d)
	}
}

func TestDynamoDBFaultsAndUnsupported(t *testing.T) {
	fault := &Fault{Error: &Error{Code: "ProvisionedThroughputExceededException", Message: "busy"}}
	_, client := startDynamoDB(t, Options{Fail: func(op string) *Fault {
		if op == "GetItem" {
			return fault
		}
		return nil
	}}, peopleTable)
	_, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("people"), Key: key("a", "1")})
	var busy *types.ProvisionedThroughputExceededException
	if !errors.As(err, &busy) {
		t.Errorf("the injected fault arrived as %v", err)
	}
	_, err = client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: aws.String("people"), Key: key("a", "1"), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
	if code := errorCode(err); code != "SerializationException" {
		t.Errorf("a parameter that is not implemented: %v", err)
	}
	if _, err = client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("people")}); errorCode(err) != "UnknownOperationException" {
		t.Errorf("an operation that is not implemented: %v", err)
	}
}

// errorCode returns the name of an AWS error; "" for nil and other errors.
func errorCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

var noUnexported = cmp.FilterPath(func(p cmp.Path) bool {
	f, ok := p.Last().(cmp.StructField)
	return ok && f.Name() == "noSmithyDocumentSerde"
}, cmp.Ignore())
