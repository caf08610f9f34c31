package tools

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/mark3labs/mcp-go/mcp"
)

// dynamo returns the same response to every request and records the last request.
type dynamo struct {
	status        int
	response      string
	target, query string
}

func (d *dynamo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d.target, d.query = r.Header.Get("X-Amz-Target"), string(body)
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(d.status)
	_, _ = io.WriteString(w, d.response)
}

func tableConfig(t *testing.T, d *dynamo) Config {
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	return Config{
		Setting: setting(map[string]string{usersTableSetting: "people"}),
		AWS: aws.Config{
			Region:       "eu-central-1",
			Credentials:  credentials.NewStaticCredentialsProvider("id", "key", ""),
			BaseEndpoint: aws.String(server.URL),
		},
	}.withDefaults()
}

func TestUsersTable(t *testing.T) {
	tests := []struct {
		name, response, want string
		isError              bool
	}{
		{"found", `{"Item":{"user_id":{"S":"u-1"},"name":{"S":"Ada"},"email":{"S":"a@example.com"},"department":{"S":"R&D"},"active":{"BOOL":true}}}`,
			`{"user_id":"u-1","name":"Ada","email":"a@example.com","department":"R&D","active":true,"source":"dynamodb"}`, false},
		{"odd attributes", `{"Item":{"user_id":{"S":"u-1"},"name":{"N":"5"},"active":{"S":"yes"}}}`,
			`{"user_id":"u-1","name":"","email":"","department":"","active":false,"source":"dynamodb"}`, false},
		{"not there", `{}`, `there is no user "u-1"; ids have the form u-1001, the letter u and four digits`, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := &dynamo{status: 200, response: tt.response}
			got, isError := call(t, lookupUser(tableConfig(t, d)), `{"user_id":"u-1"}`)
			if got != tt.want || isError != tt.isError {
				t.Errorf("%s (error %v), want %s", got, isError, tt.want)
			}
			if d.target != "DynamoDB_20120810.GetItem" || !strings.Contains(d.query, `"TableName":"people"`) {
				t.Errorf("request %s %s, want GetItem of the table", d.target, d.query)
			}
		})
	}
}

// AWS's error about permissions is for the log only.
func TestUsersTableDenied(t *testing.T) {
	d := &dynamo{status: 400, response: `{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"role x may not"}`}
	tl := lookupUser(tableConfig(t, d))
	params := mcp.CallToolParams{RawArguments: []byte(`{"user_id":"u-1"}`)}
	result, err := tl.Handle(t.Context(), mcp.CallToolRequest{Params: params})
	if result != nil || err == nil || !strings.Contains(err.Error(), `read user from table "people"`) {
		t.Errorf("result %+v, error %v, want an error for the log", result, err)
	}
}

func TestUsersTableWithoutARegion(t *testing.T) {
	cfg := Config{Setting: setting(map[string]string{usersTableSetting: "people"})}
	err := All(cfg).Check()
	if err == nil || !strings.Contains(err.Error(), "TOOL_USERS_TABLE is set, but no AWS region") {
		t.Errorf("error %v, want the server not to start", err)
	}
}
