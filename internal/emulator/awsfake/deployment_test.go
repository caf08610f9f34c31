package awsfake

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"
)

func TestResetAuthorizersCache(t *testing.T) {
	resets := make(chan string, 10)
	reset := func(name string) func() { return func() { resets <- name } }
	client := apigatewayv2.NewFromConfig(config(t, NewAPIGateway(Options{},
		HTTPAPI{ID: "a1", Reset: reset("a1")}, HTTPAPI{ID: "a1", Stage: "dev", Reset: reset("a1 dev")})))
	tests := []struct{ api, stage, want, message string }{
		{"a1", "$default", "a1", ""},
		{"a1", "dev", "a1 dev", ""},
		{"a1", "prod", "", "Invalid stage identifier specified"},
		{"b2", "$default", "", "Invalid API identifier specified 123456789012:b2"},
	}
	for _, tt := range tests {
		_, err := client.ResetAuthorizersCache(t.Context(), &apigatewayv2.ResetAuthorizersCacheInput{ApiId: &tt.api, StageName: &tt.stage})
		if tt.message != "" {
			wantError(t, err, "NotFoundException", tt.message)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := <-resets; got != tt.want {
			t.Errorf("%s %s reset %q", tt.api, tt.stage, got)
		}
	}
}

func TestCloudFormation(t *testing.T) {
	client := cloudformation.NewFromConfig(config(t, NewCloudFormation(Options{Now: newClock().Now},
		Stack{Name: "One", Outputs: map[string]string{"McpEndpoint": "http://x/mcp?a&b", "ApiId": "a1"}, Tags: map[string]string{"k": "v"}},
		Stack{Name: "Two", Status: "UPDATE_COMPLETE", Created: time.Unix(1_800_000_000, 0)},
		Stack{Name: "Gone", Status: "DELETE_COMPLETE"},
		Stack{Name: "Far", Region: "eu-west-1"},
	)))
	describe := func(name *string) ([]types.Stack, error) {
		out, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: name})
		if err != nil {
			return nil, err
		}
		return out.Stacks, nil
	}
	t.Run("all", func(t *testing.T) {
		var names []string
		for _, s := range must(describe(nil))(t) {
			names = append(names, *s.StackName+" "+string(s.StackStatus))
		}
		if diff := cmp.Diff([]string{"One CREATE_COMPLETE", "Two UPDATE_COMPLETE"}, names); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("one", func(t *testing.T) {
		s := must(describe(aws.String("One")))(t)[0]
		outputs := map[string]string{}
		for _, o := range s.Outputs {
			outputs[*o.OutputKey] = *o.OutputValue
		}
		if diff := cmp.Diff(map[string]string{"McpEndpoint": "http://x/mcp?a&b", "ApiId": "a1"}, outputs); diff != "" {
			t.Errorf("outputs (-want +got):\n%s", diff)
		}
		if !s.CreationTime.Equal(newClock().Now()) || len(s.Tags) != 1 || *s.Tags[0].Key != "k" || *s.Tags[0].Value != "v" ||
			!strings.HasPrefix(*s.StackId, "arn:aws:cloudformation:us-east-1:123456789012:stack/One/") {
			t.Errorf("got %+v", s)
		}
		if same := must(describe(s.StackId))(t); len(same) != 1 || *same[0].StackName != "One" {
			t.Errorf("by id: %+v", same)
		}
	})
	for _, name := range []string{"None", "Gone", "Far"} {
		_, err := describe(&name)
		wantError(t, err, "ValidationError", "Stack with id "+name+" does not exist")
	}
	t.Run("in its region", func(t *testing.T) {
		out := must(client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{},
			func(o *cloudformation.Options) { o.Region = "eu-west-1" }))(t)
		if len(out.Stacks) != 1 || *out.Stacks[0].StackName != "Far" {
			t.Errorf("got %+v", out.Stacks)
		}
	})
	t.Run("list", func(t *testing.T) {
		for filter, want := range map[types.StackStatus]int{"": 3, types.StackStatusUpdateComplete: 1} {
			in := &cloudformation.ListStacksInput{}
			if filter != "" {
				in.StackStatusFilter = []types.StackStatus{filter}
			}
			if out := must(client.ListStacks(t.Context(), in))(t); len(out.StackSummaries) != want {
				t.Errorf("filter %q: got %d stacks, want %d", filter, len(out.StackSummaries), want)
			}
		}
	})
}

// TestQueryRefusals: errors of the XML protocol keep their codes.
func TestQueryRefusals(t *testing.T) {
	var fault *Fault
	h := NewCloudFormation(Options{Fail: func(string) *Fault { return fault }})
	client := cloudformation.NewFromConfig(config(t, h))
	_, err := client.ListChangeSets(t.Context(), &cloudformation.ListChangeSetsInput{StackName: aws.String("x")})
	wantError(t, err, "InvalidAction", `action "ListChangeSets" is not supported here`)
	for _, code := range []string{"AccessDenied", "ExpiredToken"} {
		fault = &Fault{Error: &Error{Status: http.StatusForbidden, Code: code, Message: "<no>"}}
		_, err = client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
		wantError(t, err, code, "<no>")
	}
}

func TestGetCallerIdentity(t *testing.T) {
	client := sts.NewFromConfig(config(t, NewSTS(Options{Account: "210987654321"})))
	out := must(client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}))(t)
	if *out.Account != "210987654321" || *out.Arn != "arn:aws:iam::210987654321:user/AKIDTEST" || *out.UserId != "AKIDTEST" {
		t.Errorf("got %+v", out)
	}
}
