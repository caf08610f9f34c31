package deployed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/emulator/awsfake"
)

// fakeAccount points the SDK at a fake account with these stacks. Without a region, a
// stack is in eu-central-1.
func fakeAccount(t *testing.T, listable bool, stacks ...awsfake.Stack) {
	t.Helper()
	fake := awsfake.NewCloudFormation(awsfake.Options{Region: "eu-central-1"}, stacks...)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("StackName") == "" && !listable {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: x is not authorized to perform: cloudformation:DescribeStacks</Message></Error></ErrorResponse>`)
			return
		}
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_CLOUDFORMATION": s.URL, "AWS_REGION": "eu-central-1", "AWS_PROFILE": "",
		"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "", "AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
	} {
		t.Setenv(name, value)
	}
}

func stack(name, region string) awsfake.Stack {
	return awsfake.Stack{Name: name, Region: region, Outputs: map[string]string{"IssuedKeysSecretArn": "arn"}}
}

func TestFindOnly(t *testing.T) {
	for name, tc := range map[string]struct {
		denied bool
		stacks []awsfake.Stack
		want   string // the stack's name, or the error
	}{
		"the one":           {false, []awsfake.Stack{stack("S", "")}, "S"},
		"the one, a stage":  {false, []awsfake.Stack{stack("S-dev", ""), stack("T", "")}, "S-dev"},
		"another's":         {false, []awsfake.Stack{stack("S", ""), {Name: "S-bucket"}, stack("Sx", "")}, "S"},
		"several":           {false, []awsfake.Stack{stack("S-prod", ""), stack("S", "")}, "several stacks in eu-central-1: S, S-prod; select one with --stack or --stage"},
		"elsewhere":         {false, []awsfake.Stack{stack("S", "us-west-2"), stack("S", "ap-south-1")}, "no stack S in eu-central-1, but there is one in ap-south-1 and in us-west-2: pass --region ap-south-1"},
		"nowhere":           {false, nil, "no stack S in eu-central-1: deploy it with npx cdk deploy, or select another with --stack, --stage, --region or --profile"},
		"may not list":      {true, []awsfake.Stack{stack("S", ""), stack("S-dev", "")}, "S"},
		"may not, no stack": {true, nil, "no stack S in eu-central-1: deploy it with npx cdk deploy, or select another with --stack, --stage, --region or --profile"},
	} {
		t.Run(name, func(t *testing.T) {
			fakeAccount(t, !tc.denied, tc.stacks...)
			s, err := FindOnly(t.Context(), Options{Name: "S"})
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = s.Name
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFunctionsOfALargeStack: CloudFormation returns at most 100 resources at a time.
func TestFunctionsOfALargeStack(t *testing.T) {
	large := awsfake.Stack{Name: "S", Functions: map[string]string{}}
	var functions []awsfake.LambdaFunction
	for i := range 101 {
		name := fmt.Sprintf("f%03d", i)
		large.Functions[name] = name
		functions = append(functions, awsfake.LambdaFunction{Config: awsfake.LambdaConfig{FunctionName: name}})
	}
	fakeAccount(t, true, large)
	lambda := httptest.NewServer(awsfake.NewLambda(awsfake.LambdaOptions{Options: awsfake.Options{Region: "eu-central-1"}}, functions...))
	t.Cleanup(lambda.Close)
	t.Setenv("AWS_ENDPOINT_URL_LAMBDA", lambda.URL)
	s, err := Find(t.Context(), Options{Name: "S"})
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.Functions(t.Context())
	if err != nil || len(found) != 101 {
		t.Errorf("%d functions, %v; want 101", len(found), err)
	}
}

func TestExplain(t *testing.T) {
	api := func(service, operation, code, message string) error {
		return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: &smithy.GenericAPIError{Code: code, Message: message}}
	}
	for want, err := range map[string]error{
		"try: not allowed: User: x is not authorized to perform: a:B on c; ask the account's administrator": api("A", "B", "AccessDenied", "User: x is not authorized to perform: a:B on c"),
		// The message does not name the action.
		"try: not allowed: requires the permission secretsmanager:PutSecretValue; ask the account's administrator": api("Secrets Manager", "PutSecretValue", "AccessDeniedException", "no"),
		"try: not allowed: requires the permission apigateway:DELETE; ask the account's administrator":             api("ApiGatewayV2", "ResetAuthorizersCache", "AccessDeniedException", "no"),
		"try: the AWS session has expired; run aws sso login --profile p":                                          api("A", "B", "ExpiredTokenException", "old"),
		"try: the AWS session has expired; run aws sso login --profile p ":                                         &ssocreds.InvalidTokenError{Err: errors.New("x")},
		"try: AWS rejected these credentials; run aws configure --profile p, or check AWS_ACCESS_KEY_ID":           api("A", "B", "UnrecognizedClientException", "The security token included in the request is invalid"),
		"try: Throttling: slow down": api("A", "B", "Throttling", "slow down"),
		`try: no AWS profile "q"; aws configure list-profiles lists the profiles`:                    config.SharedConfigProfileNotExistError{Profile: "q"},
		"try: host x.example not found; check the region and the network":                            &net.DNSError{Name: "x.example"},
		"try: cannot reach h:1 (refused); check the network, and HTTPS_PROXY if you use a proxy":     &url.Error{Op: "Post", URL: "https://h:1/x", Err: &net.OpError{Op: "dial", Err: errors.New("refused")}},
		"try: no AWS credentials: run aws sso login --profile p or aws configure, or pass --profile": errors.New("get identity: get credentials: none"),
		"try: context canceled": context.Canceled,
	} {
		if got := Explain("try", err, "p").Error(); got != want && got+" " != want {
			t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
		}
	}
}

// TestAdviceNamesTheProfile: a session that expires after the stack was found is renewed with
// the same profile.
func TestAdviceNamesTheProfile(t *testing.T) {
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Amzn-Errortype", "ExpiredTokenException")
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"__type":"ExpiredTokenException","message":"expired"}`)
	}))
	t.Cleanup(aws.Close)
	fakeAccount(t, true)
	t.Setenv("AWS_ENDPOINT_URL", aws.URL)
	cfg, err := Connect(t.Context(), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &Stack{Name: "S", Config: cfg, profile: "p", outputs: map[string]string{"IssuedKeysSecretArn": "arn", "ToolSecretTokenArn": "arn"}}
	for name, call := range map[string]func() error{
		"Concurrency":      func() error { _, err := s.Concurrency(t.Context()); return err },
		"IssuedKeys":       func() error { _, err := s.IssuedKeys(t.Context()); return err },
		"PutSecret":        func() error { return s.PutSecret(t.Context(), "arn", "value") },
		"ToolSecretStates": func() error { _, err := s.ToolSecretStates(t.Context()); return err },
	} {
		if err := call(); err == nil || !strings.HasSuffix(err.Error(), "run aws sso login --profile p") {
			t.Errorf("%s: %v, want advice with the profile", name, err)
		}
	}
}

// TestToolSecretNames: an underscore before a digit is lost in the logical id.
func TestToolSecretNames(t *testing.T) {
	secrets := awsfake.NewSecretsManager(awsfake.Options{Region: "eu-central-1"})
	s := awsfake.Stack{Name: "S", Outputs: map[string]string{
		"IssuedKeysSecretArn": "arn", "ToolSecretToken2Arn": secrets.Create("a", ""), "ToolSecretZArn": secrets.Create("b", ""),
	}, Descriptions: map[string]string{"ToolSecretToken2Arn": "TOOL_SECRET_TOKEN_2", "ToolSecretZArn": "something else"}}
	server := httptest.NewServer(secrets)
	t.Cleanup(server.Close)
	fakeAccount(t, true, s)
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.URL)
	found, err := Find(t.Context(), Options{Name: "S"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := found.ToolSecretStates(t.Context())
	want := []ToolSecretState{{ID: "ToolSecretToken2", Name: "TOOL_SECRET_TOKEN_2"}, {ID: "ToolSecretZ"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// TestConnectIsSilent: the SDK must not write log lines between those of a command.
func TestConnectIsSilent(t *testing.T) {
	fakeAccount(t, true)
	cfg, err := Connect(t.Context(), "test", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := cfg.Logger.(logging.Nop); !ok {
		t.Errorf("the SDK logs with %T, want logging.Nop", cfg.Logger)
	}
}
