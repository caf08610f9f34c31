package awsfake

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestScan: Scan returns each item once, in pages, with the attributes of the projection.
func TestScan(t *testing.T) {
	d := NewDynamoDB(Options{})
	d.Create(Table{Name: "t", Key: Key{Partition: KeyAttribute{Name: "id"}}})
	server := httptest.NewServer(d)
	defer server.Close()
	client := dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	for n := range 5 {
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("t"), Item: map[string]types.AttributeValue{
			"id": &types.AttributeValueMemberS{Value: fmt.Sprint(n)}, "large": &types.AttributeValueMemberS{Value: "x"},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	seen, pages := map[string]bool{}, 0
	scan := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{
		TableName: aws.String("t"), Limit: aws.Int32(2), ProjectionExpression: aws.String("#i"), ExpressionAttributeNames: map[string]string{"#i": "id"},
	})
	for scan.HasMorePages() {
		page, err := scan.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, it := range page.Items {
			if id, ok := it["id"].(*types.AttributeValueMemberS); ok && len(it) == 1 && !seen[id.Value] {
				seen[id.Value] = true
			} else {
				t.Errorf("item %v is not new, or has more than its id", it)
			}
		}
	}
	if len(seen) != 5 || pages != 3 {
		t.Errorf("%d items on %d pages, want 5 on 3", len(seen), pages)
	}
	if _, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("missing")}); err == nil {
		t.Error("a missing table was scanned")
	}
}
