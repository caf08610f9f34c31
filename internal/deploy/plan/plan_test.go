package plan_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/deploy/plan"
	"serverless-mcp/internal/settings"
)

const (
	image   = "CONTAINER_IMAGE=123456789012.dkr.ecr.eu-central-1.amazonaws.com/mcp@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	certUS  = "arn:aws:acm:us-east-1:123456789012:certificate/0a"
	certEU  = "arn:aws:acm:eu-central-1:123456789012:certificate/0b"
	domain  = "DOMAIN_NAME=mcp.example.com"
	zone    = "HOSTED_ZONE_ID=Z012"
	all     = "SHAPES=http-api,stream,container"
	private = "NETWORK=private"
)

func parse(t *testing.T, variables ...string) settings.Settings {
	t.Helper()
	values := map[string]string{}
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		values[name] = value
	}
	s, err := settings.Parse(values)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestItems checks what is created and the price of an idle month.
func TestItems(t *testing.T) {
	for _, c := range []struct {
		settings []string
		want     []string
		usd      float64
	}{
		{nil, []string{"2 secret", "1 HTTP API", "1 authorizer function", "1 MCP function", "3 log group"}, 0.80},
		{[]string{"API_KEY=none", "SHAPES=stream", "TOOL_SECRET_A="},
			[]string{"2 secret", "1 streaming MCP function with a Function URL", "1 log group"}, 0.80},
		{[]string{"PUBLIC_PAGE=true", domain, zone}, []string{
			"2 secret", "1 HTTP API", "1 authorizer function", "1 MCP function", "1 page function", "1 certificate", "1 DNS record", "4 log group"}, 0.80},
		{[]string{"SIGNIN_ISSUER=cognito"}, []string{"2 secret", "1 HTTP API", "1 authorizer function", "1 MCP function", "1 user pool", "3 log group"}, 0.80},
		// 7.21 for a task and 36.50 for a NAT gateway, as in .env.example.
		{[]string{"SHAPES=container", private}, []string{
			"2 secret", "1 VPC", "1 Fargate task", "1 load balancer", "1 CloudFront distribution", "1 NAT gateway with its address", "1 log group"}, 0.80 + 7.21 + 36.50 + 16.43},
		{[]string{"SHAPES=container", "NETWORK=public", "CONTAINER_MIN_TASKS=2", "CONTAINER_SESSIONS=stateful"}, []string{
			"3 secret", "1 VPC", "2 Fargate task", "1 load balancer", "1 CloudFront distribution", "2 public address", "1 log group"}, 1.20 + 2*7.21 + 16.43 + 2*3.65},
		// 16 alarms, of which 6 have two metrics.
		{[]string{all, "API_KEY=none", "ALARMS=true", "NETWORK=public"}, []string{
			"1 secret", "1 HTTP API", "1 authorizer function", "1 MCP function", "1 streaming MCP function with a Function URL", "1 VPC", "1 Fargate task",
			"1 load balancer", "1 CloudFront distribution", "1 public address", "16 alarm", "1 dashboard", "5 custom metric", "5 log group"}, 0.40 + 7.21 + 16.43 + 3.65 + 2.20 + 3.00 + 1.50},
		// Jobs add 5 alarms, of which one has two metrics, and limits one.
		{[]string{"JOBS=true", "KEY_LIMITS=true", "ALARMS=true"}, []string{
			"2 secret", "1 HTTP API", "1 authorizer function", "1 MCP function", "1 DynamoDB table for limits", "1 job function", "1 DynamoDB table",
			"17 alarm", "1 dashboard", "5 custom metric", "4 log group"}, 0.80 + 2.20 + 3.00 + 1.50},
		{[]string{"JOBS=true"}, []string{
			"2 secret", "1 HTTP API", "1 authorizer function", "1 MCP function", "1 job function", "1 DynamoDB table", "4 log group"}, 0.80},
		{[]string{all, domain, "CERTIFICATE_ARN=" + certUS + "," + certEU}, []string{
			"2 secret", "1 HTTP API", "1 authorizer function", "1 MCP function", "1 streaming MCP function with a Function URL", "1 VPC", "1 Fargate task",
			"1 load balancer", "1 CloudFront distribution", "1 NAT gateway with its address", "1 CloudFront distribution", "5 log group"}, 0.80 + 7.21 + 36.50 + 16.43},
	} {
		items := plan.Items(parse(t, c.settings...))
		var got []string
		for _, i := range items {
			got = append(got, fmt.Sprintf("%d %s", i.Count, i.Name))
			if i.Count < 1 || i.MonthlyUSD == 0 && i.Usage == "" && i.Name != "VPC" && i.Name != "certificate" && i.Name != "DNS record" {
				t.Errorf("%v: %+v has neither a price nor a usage", c.settings, i)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.settings, diff)
		}
		if usd := plan.MonthlyUSD(items); math.Abs(usd-c.usd) > 0.02 {
			t.Errorf("%v: %.2f USD a month, want %.2f", c.settings, usd, c.usd)
		}
	}
}

// TestWorstMonth spells out the arithmetic of each price.
func TestWorstMonth(t *testing.T) {
	const month = 730 * 3600
	for _, c := range []struct {
		settings []string
		want     float64
	}{
		// 20 requests a second; 580 MCP instances of half a GB, 100 authorizers of a quarter.
		{nil, 0.80 + 20*month*1.4/1e6 + month*(580*0.5+100*0.25)*0.0000133334},
		{[]string{"RESERVED_CONCURRENCY=5", "ARCHITECTURE=x86_64", "MEMORY_MB=1024"}, 0.80 + 20*month*1.4/1e6 + month*(5*1+100*0.25)*0.0000166667},
		{[]string{"SHAPES=stream"}, 0.80 + month*1000*0.5*0.0000133334},
		{[]string{"SHAPES=stream", "RESERVED_CONCURRENCY=2"}, 0.80 + month*2*0.5*0.0000133334},
		{[]string{"SHAPES=stream", "RESERVED_CONCURRENCY=2", "JOBS=true"},
			0.80 + month*2*2*0.5*0.0000133334 + 2*month/3*(66*0.625+17*0.125)/1e6},
		{[]string{"RESERVED_CONCURRENCY=5", "KEY_LIMITS=true"}, 0.80 + 20*month*(1.4+0.625)/1e6 + month*(5*0.5+100*0.25)*0.0000133334},
		{[]string{"SHAPES=container"}, 0.80 + 4*7.21 + 36.50 + 16.43},
	} {
		if got := plan.WorstMonthUSD(parse(t, c.settings...)); math.Abs(got-c.want) > 0.05 {
			t.Errorf("%v: %.2f USD, want %.2f", c.settings, got, c.want)
		}
	}
}

func TestNeeds(t *testing.T) {
	for _, c := range []struct {
		settings []string
		want     plan.Needs
	}{
		{nil, plan.Needs{NamedResources: []string{"McpServerStack"}}},
		{[]string{"SHAPES=http-api,stream", "RESERVED_CONCURRENCY=5", "STAGE=dev"}, plan.Needs{ReservedExecutions: 10, NamedResources: []string{"McpServerStack-dev"}}},
		{[]string{"RESERVED_CONCURRENCY=5", "JOBS=true"}, plan.Needs{ReservedExecutions: 10, NamedResources: []string{"McpServerStack"}}},
		{[]string{"SHAPES=stream", domain, zone}, plan.Needs{CloudFront: true, NamedResources: []string{"McpServerStack", "mcp.example.com"}}},
		{[]string{"SHAPES=http-api,container", "NAT_GATEWAYS=2", "RESERVED_CONCURRENCY=5"},
			plan.Needs{VPCs: 1, ElasticIPs: 2, ECSServiceRole: true, CloudFront: true, ReservedExecutions: 5, NamedResources: []string{"McpServerStack"}}},
		{[]string{"SHAPES=container", "NETWORK=public"}, plan.Needs{VPCs: 1, ECSServiceRole: true, CloudFront: true, NamedResources: []string{"McpServerStack"}}},
	} {
		if diff := cmp.Diff(c.want, plan.NeedsOf(parse(t, c.settings...))); diff != "" {
			t.Errorf("%v (-want +got):\n%s", c.settings, diff)
		}
	}
}

func TestRegionProblems(t *testing.T) {
	for _, c := range []struct {
		region   string
		settings []string
		want     []string // part of each problem
	}{
		{"eu-central-1", []string{all, image}, nil},
		{"il-central-1", []string{"SHAPES=http-api"}, nil},
		{"il-central-1", []string{"SHAPES=stream"}, []string{"no Function URLs in il-central-1"}},
		{"mx-central-1", []string{"SHAPES=container"}, []string{"no VPC origins in mx-central-1", "CLOUDFRONT_PREFIX_LIST"}},
		{"us-east-1", []string{"SHAPES=container"}, []string{"exclude use1-az3 of us-east-1: set CONTAINER_ZONES"}},
		{"us-east-1", []string{"SHAPES=container", "CONTAINER_ZONES=us-east-1b,us-east-1c"}, nil},
		{"eu-north-1", []string{"SHAPES=container", image}, []string{"CONTAINER_IMAGE is in eu-central-1, not in eu-north-1"}},
		{"ap-east-1", []string{"SHAPES=container", "CLOUDFRONT_PREFIX_LIST=pl-0a"}, nil},
		{"eu-central-1", []string{domain, zone}, nil},
		{"eu-central-1", []string{"SHAPES=stream", domain, zone}, []string{"only be created in a stack in us-east-1"}},
		{"us-east-1", []string{"SHAPES=stream", domain, zone}, nil},
		{"eu-west-1", []string{domain, "CERTIFICATE_ARN=" + certEU}, []string{"no certificate in eu-west-1"}},
		{"eu-central-1", []string{"SHAPES=http-api,stream", domain, "CERTIFICATE_ARN=" + certUS + "," + certEU}, nil},
	} {
		got := plan.RegionProblems(parse(t, c.settings...), c.region)
		if len(got) != len(c.want) {
			t.Errorf("%s %v: %q, want %q", c.region, c.settings, got, c.want)
			continue
		}
		for i, want := range c.want {
			if !strings.Contains(got[i], want) {
				t.Errorf("%s %v: %q, want %q in it", c.region, c.settings, got[i], want)
			}
		}
	}
}
