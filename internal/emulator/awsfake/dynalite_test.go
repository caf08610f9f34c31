package awsfake_test

import (
	"bufio"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/test/interop"
)

// TestDynamoDBLikeDynalite sends the same calls to the fake and to dynalite, an independent
// emulation of DynamoDB, and compares the results and the names of errors.
func TestDynamoDBLikeDynalite(t *testing.T) {
	node := interop.InstallIn(t, "internal/emulator/awsfake/node")
	other := client(startDynalite(t, node))
	createPeople(t, other)
	fake := awsfake.NewDynamoDB(awsfake.Options{})
	fake.Create(awsfake.Table{
		Name:  "people",
		Key:   awsfake.Key{Partition: awsfake.KeyAttribute{Name: "pk"}, Sort: awsfake.KeyAttribute{Name: "sk", Type: "N"}},
		Index: awsfake.Index{Name: "byOwner", Key: awsfake.Key{Partition: awsfake.KeyAttribute{Name: "own"}, Sort: awsfake.KeyAttribute{Name: "made", Type: "N"}}},
	})
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	ours := client(server.URL)
	succeeded := 0
	for _, c := range calls() {
		got, gotErr := c.do(t.Context(), ours)
		want, wantErr := c.do(t.Context(), other)
		if code(gotErr) != code(wantErr) {
			t.Errorf("%s: the fake returned %v\nand dynalite %v", c.name, gotErr, wantErr)
			continue
		}
		if d := cmp.Diff(want, got, ignoreSerde); d != "" {
			t.Errorf("%s (-dynalite +fake):\n%s", c.name, d)
		}
		if gotErr == nil {
			succeeded++
		}
	}
	for _, c := range stricterCalls() {
		if _, err := c.do(t.Context(), ours); code(err) != "ValidationException" {
			t.Errorf("%s: the fake returned %v", c.name, err)
		}
	}
	if succeeded < 50 {
		t.Errorf("%d calls succeeded, so the comparison shows little", succeeded)
	}
}

func client(url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(url), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
}

// startDynalite runs dynalite until the test ends, and returns its URL.
func startDynalite(t *testing.T, node interop.Node) string {
	t.Helper()
	cmd := node.Command(t.Context(), "serve.mjs")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stdin.Close()
		cmd.Wait() // killed by the test's context, which has ended
	})
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("start dynalite: %v", err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}

func createPeople(t *testing.T, c *dynamodb.Client) {
	t.Helper()
	keys := func(partition, sort string) []types.KeySchemaElement {
		return []types.KeySchemaElement{{AttributeName: &partition, KeyType: types.KeyTypeHash}, {AttributeName: &sort, KeyType: types.KeyTypeRange}}
	}
	define := func(name string, kind types.ScalarAttributeType) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &name, AttributeType: kind}
	}
	_, err := c.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("people"), BillingMode: types.BillingModePayPerRequest, KeySchema: keys("pk", "sk"),
		AttributeDefinitions:   []types.AttributeDefinition{define("pk", "S"), define("sk", "N"), define("own", "S"), define("made", "N")},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{IndexName: aws.String("byOwner"), KeySchema: keys("own", "made"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	err = dynamodb.NewTableExistsWaiter(c, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second }).
		Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("people")}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
}

var ignoreSerde = cmp.FilterPath(func(p cmp.Path) bool {
	f, ok := p.Last().(cmp.StructField)
	return ok && f.Name() == "noSmithyDocumentSerde"
}, cmp.Ignore())

// code returns the name of an AWS error; "" for nil.
func code(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return "not an AWS error"
}
