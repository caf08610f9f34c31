package usage_test

import (
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/lambdaops/usage"
)

const arn = "arn:aws:lambda:us-east-1:123456789012:function:"

// account is a fake account with a client for it.
type account struct {
	*awsfake.Lambda
	client *lambda.Client
	calls  []string
}

func newAccount(t *testing.T, fail func(op string) *awsfake.Fault, functions ...awsfake.LambdaFunction) *account {
	t.Helper()
	a := &account{}
	a.Lambda = awsfake.NewLambda(awsfake.LambdaOptions{Options: awsfake.Options{
		Fail: fail, Called: func(op, _ string) { a.calls = append(a.calls, op) },
	}}, functions...)
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	a.client = lambda.New(lambda.Options{
		Region: "us-east-1", BaseEndpoint: &srv.URL, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
	return a
}

// shop is a function whose $LATEST is newer than its versions, with users of all
// kinds.
func shop() awsfake.LambdaFunction {
	return awsfake.LambdaFunction{
		Config:   awsfake.LambdaConfig{FunctionName: "shop", Runtime: "nodejs18.x"},
		Versions: 12, Aliases: map[string]string{"live": "2", "dev": "$LATEST", "canary": "10"},
		Provisioned: map[string]int{"live": 1, "3": 5},
		Sources:     []string{"", "live", "4", "dev"},
	}
}

func TestOf(t *testing.T) {
	a := newAccount(t, nil, shop(), awsfake.LambdaFunction{Config: awsfake.LambdaConfig{FunctionName: "other"}, Sources: []string{""}})
	a.Split("shop", "canary", map[string]float64{"11": 0.25})
	a.Change("shop", func(c *awsfake.LambdaConfig) { c.Runtime = "nodejs24.x" })
	reader := &usage.Reader{Lambda: a.client}
	got, err := reader.Of(t.Context(), "shop", arn+"shop")
	if err != nil {
		t.Fatal(err)
	}
	want := usage.Usage{
		Latest: []string{"alias dev", "event source mapping shop-mapping-1", "event source mapping shop-mapping-4 of alias dev"},
		Versions: []usage.Version{
			{Number: "2", Runtime: "nodejs18.x", Users: []string{"alias live", "event source mapping shop-mapping-2 of alias live", "provisioned concurrency of alias live"}},
			{Number: "3", Runtime: "nodejs18.x", Users: []string{"provisioned concurrency"}},
			{Number: "4", Runtime: "nodejs18.x", Users: []string{"event source mapping shop-mapping-3"}},
			{Number: "10", Runtime: "nodejs18.x", Users: []string{"alias canary"}},
			{Number: "11", Runtime: "nodejs18.x", Users: []string{"alias canary (25% of its calls)"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
	if _, err := reader.Of(t.Context(), "other", arn+"other"); err != nil {
		t.Fatal(err)
	}
	if n := len(slices.DeleteFunc(a.calls, func(op string) bool { return op != "ListEventSourceMappings" })); n != 1 {
		t.Errorf("read the event source mappings %d times for two functions, want once", n)
	}
}

// TestPages: each list has more than one page.
func TestPages(t *testing.T) {
	f := awsfake.LambdaFunction{
		Config: awsfake.LambdaConfig{FunctionName: "shop"}, Versions: 3,
		Aliases: map[string]string{}, Provisioned: map[string]int{},
	}
	for i := range 120 {
		name := string(rune('a'+i/26)) + string(rune('a'+i%26))
		f.Aliases[name], f.Provisioned[name] = "1", 1
		f.Sources = append(f.Sources, name)
	}
	f.Aliases["zz"], f.Provisioned["3"] = "2", 1
	f.Sources = append(f.Sources, "3")
	a := newAccount(t, nil, f)
	got, err := (&usage.Reader{Lambda: a.client}).Of(t.Context(), "shop", arn+"shop")
	if err != nil || len(got.Versions) != 3 {
		t.Fatalf("%d versions, %v; want 3", len(got.Versions), err)
	}
	if n := len(got.Versions[0].Users); n != 360 {
		t.Errorf("version 1 has %d users, want 360", n)
	}
	if diff := cmp.Diff([]string{"event source mapping shop-mapping-121", "provisioned concurrency"}, got.Versions[2].Users); diff != "" {
		t.Errorf("users of version 3 (-want +got):\n%s", diff)
	}
}

// TestUnread: a missing permission for provisioned concurrency or event source mappings
// is reported, and the rest is read; Of returns other errors.
func TestUnread(t *testing.T) {
	for op, tc := range map[string]struct {
		code   string
		status int
		ends   bool
	}{
		"ListProvisionedConcurrencyConfigs": {"AccessDeniedException", 403, false},
		"ListEventSourceMappings":           {"AccessDeniedException", 403, false},
		"ListAliases":                       {"AccessDeniedException", 403, true},
		"GetFunctionConfiguration":          {"AccessDeniedException", 403, true},
		"throttled":                         {"TooManyRequestsException", 429, true},
	} {
		t.Run(op, func(t *testing.T) {
			a := newAccount(t, func(called string) *awsfake.Fault {
				if called == op || op == "throttled" && called == "ListEventSourceMappings" {
					return &awsfake.Fault{Error: &awsfake.Error{Status: tc.status, Code: tc.code, Message: "no"}}
				}
				return nil
			}, shop())
			got, err := (&usage.Reader{Lambda: a.client}).Of(t.Context(), "shop", arn+"shop")
			if (err != nil) != tc.ends {
				t.Fatalf("error %v, want one: %v", err, tc.ends)
			}
			if !tc.ends && (len(got.Unread) != 1 || len(got.Versions) == 0) {
				t.Errorf("unread %v, versions %v; want one error and the versions", got.Unread, got.Versions)
			}
		})
	}
}

// TestDeletedAlias: a mapping of an alias that was deleted does not hide the other users.
func TestDeletedAlias(t *testing.T) {
	f := shop()
	f.Sources = []string{"gone", "4"}
	a := newAccount(t, nil, f)
	got, err := (&usage.Reader{Lambda: a.client}).Of(t.Context(), "shop", arn+"shop")
	if err != nil || len(got.Versions) != 4 {
		t.Fatalf("versions %v, %v; want 4", got.Versions, err)
	}
	if len(got.Unread) != 1 || got.Unread[0].Error() != "event source mapping shop-mapping-1 refers to gone, which does not exist" {
		t.Errorf("unread %v", got.Unread)
	}
}

func TestNoConnection(t *testing.T) {
	a := newAccount(t, func(op string) *awsfake.Fault {
		return &awsfake.Fault{Hangup: op == "ListProvisionedConcurrencyConfigs"}
	}, shop())
	if _, err := (&usage.Reader{Lambda: a.client}).Of(t.Context(), "shop", arn+"shop"); err == nil {
		t.Error("no error for a lost connection")
	}
}
