package awsfake

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

func lambdaClient(t *testing.T, l *Lambda) *lambda.Client {
	t.Helper()
	srv := httptest.NewServer(l)
	t.Cleanup(srv.Close)
	return lambda.New(lambda.Options{
		Region: "us-east-1", BaseEndpoint: &srv.URL, Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
}

var one = LambdaFunction{
	Config:   LambdaConfig{FunctionName: "f", Runtime: "nodejs18.x", Handler: "index.handler"},
	Versions: 2, Aliases: map[string]string{"live": "2"}, Tags: map[string]string{"a": "b"},
}

// TestLambdaRefuses: the SDK returns each error with AWS's code.
func TestLambdaRefuses(t *testing.T) {
	f := aws.String("f")
	for name, tc := range map[string]struct {
		do   func(*lambda.Client) error
		want string
	}{
		"no such function": {func(c *lambda.Client) error {
			_, err := c.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("g")})
			return err
		}, "ResourceNotFoundException"},
		"empty qualifier": {func(c *lambda.Client) error {
			_, err := c.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: f, Qualifier: aws.String("")})
			return err
		}, "ValidationException"},
		"no such version": {func(c *lambda.Client) error {
			_, err := c.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: f, Qualifier: aws.String("9")})
			return err
		}, "ResourceNotFoundException"},
		"no such alias": {func(c *lambda.Client) error {
			_, err := c.GetAlias(t.Context(), &lambda.GetAliasInput{FunctionName: f, Name: aws.String("nope")})
			return err
		}, "ResourceNotFoundException"},
		"alias to a missing version": {func(c *lambda.Client) error {
			_, err := c.UpdateAlias(t.Context(), &lambda.UpdateAliasInput{FunctionName: f, Name: aws.String("live"), FunctionVersion: aws.String("9")})
			return err
		}, "ResourceNotFoundException"},
		"old revision": {func(c *lambda.Client) error {
			_, err := c.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{FunctionName: f, Runtime: "nodejs24.x", RevisionId: aws.String("old")})
			return err
		}, "PreconditionFailedException"},
		"old revision of an alias": {func(c *lambda.Client) error {
			_, err := c.UpdateAlias(t.Context(), &lambda.UpdateAliasInput{FunctionName: f, Name: aws.String("live"), FunctionVersion: aws.String("1"), RevisionId: aws.String("old")})
			return err
		}, "PreconditionFailedException"},
		"publish other code": {func(c *lambda.Client) error {
			_, err := c.PublishVersion(t.Context(), &lambda.PublishVersionInput{FunctionName: f, CodeSha256: aws.String("other")})
			return err
		}, "InvalidParameterValueException"},
		"blocked runtime": {func(c *lambda.Client) error {
			_, err := c.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{FunctionName: f, Runtime: "python3.6"})
			return err
		}, "InvalidParameterValueException"},
		"create with a blocked runtime": {func(c *lambda.Client) error {
			_, err := c.CreateFunction(t.Context(), &lambda.CreateFunctionInput{FunctionName: aws.String("g"), Role: f, Runtime: "python3.6", Code: &types.FunctionCode{ZipFile: []byte("x")}})
			return err
		}, "InvalidParameterValueException"},
		"create twice": {func(c *lambda.Client) error {
			_, err := c.CreateFunction(t.Context(), &lambda.CreateFunctionInput{FunctionName: f, Role: f, Code: &types.FunctionCode{ZipFile: []byte("x")}})
			return err
		}, "ResourceConflictException"},
		"update during an update": {func(c *lambda.Client) error {
			in := &lambda.UpdateFunctionConfigurationInput{FunctionName: f, Runtime: "nodejs24.x"}
			if _, err := c.UpdateFunctionConfiguration(t.Context(), in); err != nil {
				return err
			}
			_, err := c.UpdateFunctionConfiguration(t.Context(), in)
			return err
		}, "ResourceConflictException"},
	} {
		t.Run(name, func(t *testing.T) {
			err := tc.do(lambdaClient(t, NewLambda(LambdaOptions{Blocked: []string{"python3.6"}}, one)))
			api, ok := errors.AsType[smithy.APIError](err)
			if !ok || api.ErrorCode() != tc.want || api.ErrorMessage() == "" {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
}

// TestLambdaKeepsBlockedRuntimes: a function with a blocked runtime runs, and can be
// updated by calls that do not set the runtime.
func TestLambdaKeepsBlockedRuntimes(t *testing.T) {
	l := NewLambda(LambdaOptions{Blocked: []string{"nodejs18.x"}}, one)
	c := lambdaClient(t, l)
	in := &lambda.UpdateFunctionConfigurationInput{FunctionName: aws.String("f"), MemorySize: aws.Int32(256), Runtime: "nodejs18.x"}
	if _, err := c.UpdateFunctionConfiguration(t.Context(), in); err == nil {
		t.Error("a call that names a blocked runtime was served")
	}
	in.Runtime = ""
	if _, err := c.UpdateFunctionConfiguration(t.Context(), in); err != nil {
		t.Errorf("a call that names no runtime: %v", err)
	}
	if got, _ := l.Function("f"); got.Runtime != "nodejs18.x" || got.MemorySize != 256 {
		t.Errorf("the function has %s and %d MB", got.Runtime, got.MemorySize)
	}
	if _, err := c.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("f")}); err != nil {
		t.Errorf("invoke: %v", err)
	}
}

func TestLambdaSettles(t *testing.T) {
	c := lambdaClient(t, NewLambda(LambdaOptions{}))
	_, err := c.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("g"), Role: aws.String("r"), Handler: aws.String("h"), Runtime: "nodejs24.x",
		Code: &types.FunctionCode{ZipFile: []byte("code")}, Layers: []string{"arn:layer"},
		Environment: &types.Environment{Variables: map[string]string{"A": "b"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("g")}); err == nil {
		t.Error("a pending function ran")
	}
	var states []types.State
	for range 2 {
		out, err := c.GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{FunctionName: aws.String("g")})
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, out.State)
		if len(out.Layers) != 1 || out.Environment.Variables["A"] != "b" {
			t.Errorf("settings were lost: %+v", out)
		}
	}
	if states[1] != types.StateActive {
		t.Errorf("states %v, want Active in the end", states)
	}
}

func TestLambdaVersions(t *testing.T) {
	l := NewLambda(LambdaOptions{}, one)
	c := lambdaClient(t, l)
	f := aws.String("f")
	same, err := c.PublishVersion(t.Context(), &lambda.PublishVersionInput{FunctionName: f})
	if err != nil || *same.Version != "2" {
		t.Errorf("published %v, %v; nothing has changed, so version 2", aws.ToString(same.Version), err)
	}
	if _, err := c.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{FunctionName: f, Runtime: "nodejs24.x"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, _ = c.GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{FunctionName: f})
	}
	v, err := c.PublishVersion(t.Context(), &lambda.PublishVersionInput{FunctionName: f})
	if err != nil || *v.Version != "3" {
		t.Fatalf("published %v, %v; want 3", v, err)
	}
	got := map[string]string{}
	for _, version := range []string{"1", "2", "3", "$LATEST", "live"} {
		got[version] = l.Runtime("f", version)
	}
	want := map[string]string{"1": "nodejs18.x", "2": "nodejs18.x", "3": "nodejs24.x", "$LATEST": "nodejs24.x", "live": "nodejs18.x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runtimes by version (-want +got):\n%s", diff)
	}
	live, err := c.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: f, Qualifier: aws.String("live"), Payload: []byte("1"), LogType: types.LogTypeTail})
	if err != nil || aws.ToString(live.ExecutedVersion) != "2" || string(live.Payload) != "1" {
		t.Errorf("live ran version %s: %s, %v", aws.ToString(live.ExecutedVersion), live.Payload, err)
	}
}

func TestLambdaPages(t *testing.T) {
	var all []LambdaFunction
	for i := range 120 {
		all = append(all, LambdaFunction{Config: LambdaConfig{FunctionName: fmt.Sprintf("f%03d", i)}})
	}
	c := lambdaClient(t, NewLambda(LambdaOptions{}, all...))
	pages := lambda.NewListFunctionsPaginator(c, &lambda.ListFunctionsInput{MaxItems: aws.Int32(1000)})
	var sizes []int
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.Functions))
		if page.Functions[0].State != "" {
			t.Error("the list contains states, which AWS's does not")
		}
	}
	if diff := cmp.Diff([]int{50, 50, 20}, sizes); diff != "" {
		t.Errorf("page sizes (-want +got):\n%s", diff)
	}
}

func TestLambdaCode(t *testing.T) {
	c := lambdaClient(t, NewLambda(LambdaOptions{}, one))
	out, err := c.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("arn:aws:lambda:us-east-1:123456789012:function:f"), Qualifier: aws.String("1")})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(aws.ToString(out.Code.Location))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	code, err := io.ReadAll(resp.Body)
	if err != nil || codeHash(code) != aws.ToString(out.Configuration.CodeSha256) {
		t.Errorf("code %q, %v; its hash is not CodeSha256", code, err)
	}
}
