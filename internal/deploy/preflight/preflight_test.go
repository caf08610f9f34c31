package preflight

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/settings"
)

// ready returns the facts of an account in which nothing is wrong.
func ready() Facts {
	return Facts{
		Region: "eu-central-1", Account: "123456789012", Bootstrap: 30, Concurrency: 1000, Unreserved: 900,
		Network: Network{VPCs: 1, VPCQuota: 5, AddressQuota: 5}, ClusterRole: true, Node: "v22.11.0",
	}
}

// certified sets a domain that resolves, and its certificates.
func certified(f *Facts, s *settings.Settings) {
	s.Domain.Name = "mcp.example.com"
	s.Domain.Certificates = []string{"arn:aws:acm:us-east-1:123456789012:certificate/0a", "arn:aws:acm:eu-central-1:123456789012:certificate/0b"}
	f.Domain.Resolved = s.DomainNames()
	f.Domain.Certificates = []Certificate{
		{ARN: s.Domain.Certificates[0], Status: "ISSUED", Names: []string{"*.mcp.example.com"}},
		{ARN: s.Domain.Certificates[1], Status: "ISSUED", Names: []string{"MCP.example.com"}},
	}
}

// TestFindings: each fault leads to exactly one finding, which names the fault and a remedy.
func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault func(*Facts, *settings.Settings)
		want  string // "status id: beginning of the detail"; empty means that all is ok
	}{
		{"ready", func(*Facts, *settings.Settings) {}, ""},
		{"an update", func(f *Facts, _ *settings.Settings) { f.Exists, f.Network.VPCs, f.Network.Addresses = true, 5, 5 }, ""},
		{"no Node.js", func(f *Facts, _ *settings.Settings) { f.NodeErr = errors.New("no program node in PATH") }, "failure node: no program node"},
		{"old Node.js", func(f *Facts, _ *settings.Settings) { f.Node = "v20.20.2" }, "warning node: v20.20.2"},
		{"newer Node.js", func(f *Facts, _ *settings.Settings) { f.Node = "v100.0.0" }, ""},
		{"a region without Function URLs", func(f *Facts, _ *settings.Settings) { f.Region = "eu-central-2" }, "failure region: eu-central-2"},
		{"not bootstrapped", func(f *Facts, _ *settings.Settings) { f.Bootstrap = 0 }, "failure bootstrap: no stack CDKToolkit in eu-central-1"},
		{"an old bootstrap", func(f *Facts, _ *settings.Settings) { f.Bootstrap = 5 }, "failure bootstrap: version 5, need 6"},
		{"the oldest bootstrap", func(f *Facts, _ *settings.Settings) { f.Bootstrap = 6 }, ""},
		{"a failed deployment", func(f *Facts, _ *settings.Settings) {
			f.Exists, f.StackProblem = true, "its state is ROLLBACK_COMPLETE"
		}, "warning stack: McpServerStack: its state is ROLLBACK_COMPLETE"},
		{"a new account", func(f *Facts, _ *settings.Settings) { f.Concurrency, f.Unreserved = 10, 10 }, "warning concurrency: 10, for all its functions together"},
		{"a reservation in a new account", func(f *Facts, s *settings.Settings) {
			f.Concurrency, f.Unreserved, s.ReservedConcurrency = 10, 10, 1
		}, "failure concurrency: 2 are reserved by this stack, 10 are free, and Lambda keeps 100 unreserved"},
		{"the largest reservation", func(f *Facts, s *settings.Settings) { f.Unreserved, s.ReservedConcurrency = 900, 400 }, ""},
		{"a larger reservation", func(f *Facts, s *settings.Settings) { f.Unreserved, s.ReservedConcurrency = 900, 401 }, "failure concurrency: 802 are reserved"},
		{"a reservation that is deployed already", func(f *Facts, s *settings.Settings) {
			f.Exists, f.Unreserved, s.ReservedConcurrency = true, 100, 450
		}, ""},
		{"a reservation that may be deployed already", func(f *Facts, s *settings.Settings) {
			f.StackErr, f.Unreserved, s.ReservedConcurrency = errors.New("not allowed"), 100, 450
		}, ""},
		{"networks that may be deployed already", func(f *Facts, _ *settings.Settings) {
			f.StackErr, f.Network.VPCs = errors.New("not allowed"), 5
		}, ""},
		{"no room for a VPC", func(f *Facts, _ *settings.Settings) { f.Network.VPCs = 5 }, "warning network: 5 VPCs and 0 Elastic IP addresses exist"},
		{"no room for an address", func(f *Facts, _ *settings.Settings) { f.Network.Addresses = 5 }, "warning network: 1 VPCs and 5 Elastic IP addresses exist"},
		{"a higher quota", func(f *Facts, _ *settings.Settings) { f.Network.VPCs, f.Network.VPCQuota = 5, 20 }, ""},
		{"a lower quota", func(f *Facts, _ *settings.Settings) { f.Network.VPCQuota = 1 }, "warning network: 1 VPCs and 0 Elastic IP addresses exist; the quotas are 1 and 5"},
		{"an unknown quota", func(f *Facts, _ *settings.Settings) {
			f.Network = Network{VPCs: 5, QuotaErr: errors.New("not allowed")}
		}, "warning network: 5 VPCs and 0 Elastic IP addresses exist; the default quotas are 5 and 5, and yours are unknown: not allowed"},
		{"the same shapes", func(f *Facts, _ *settings.Settings) {
			f.Exists, f.Shapes = true, []string{"http-api", "stream", "container"}
		}, ""},
		{"a removed shape", func(f *Facts, s *settings.Settings) {
			f.Exists, f.Shapes, s.Shapes = true, []string{"http-api", "stream", "container"}, []string{"container"}
		}, "warning shapes: deployed and no longer in SHAPES: http-api, stream"},
		{"a public network needs no address", func(f *Facts, s *settings.Settings) { f.Network.Addresses, s.Container.Network = 5, "public" }, ""},
		{"no role for ECS", func(f *Facts, _ *settings.Settings) { f.ClusterRole = false }, "warning cluster-role: AWSServiceRoleForECS"},
		{"a domain without a record", func(f *Facts, s *settings.Settings) {
			s.Domain.Name, f.Domain.Err = "mcp.example.com", errors.New("no such host")
			certified(f, s)
		}, "warning dns: mcp.example.com, stream.mcp.example.com, container.mcp.example.com: no such host"},
		{"a domain with a hosted zone in us-east-1", func(f *Facts, s *settings.Settings) {
			f.Domain.Zone = "example.com"
			f.Region, s.Domain.Name, s.Domain.HostedZone, f.Domain.Err = "us-east-1", "mcp.example.com", "Z012", errors.New("no such host")
			s.Container.Image, s.Container.Zones = "", []string{"us-east-1b", "us-east-1c"}
		}, ""},
		{"a domain with certificates", certified, ""},
		{"a certificate without the names of the further shapes", func(f *Facts, s *settings.Settings) {
			certified(f, s)
			f.Domain.Certificates[0].Names = []string{"mcp.example.com"}
		}, "failure certificate: arn:aws:acm:us-east-1:123456789012:certificate/0a is not for stream.mcp.example.com"},
		{"a wildcard of another level", func(f *Facts, s *settings.Settings) {
			certified(f, s)
			f.Domain.Certificates[1].Names = []string{"*.mcp.example.com", "*.com"}
		}, "failure certificate: arn:aws:acm:eu-central-1:123456789012:certificate/0b is not for mcp.example.com"},
		{"a certificate that is not validated", func(f *Facts, s *settings.Settings) {
			certified(f, s)
			f.Domain.Certificates[1].Status = "PENDING_VALIDATION"
		}, "failure certificate: arn:aws:acm:eu-central-1:123456789012:certificate/0b: PENDING_VALIDATION"},
		{"a missing certificate", func(f *Facts, s *settings.Settings) {
			certified(f, s)
			f.Domain.Certificates[0] = Certificate{ARN: f.Domain.Certificates[0].ARN}
		}, "failure certificate: arn:aws:acm:us-east-1:123456789012:certificate/0a"},
		{"a hosted zone of another domain", func(f *Facts, s *settings.Settings) {
			certified(f, s)
			s.Domain.HostedZone, f.Domain.Zone, f.Domain.Resolved = "Z012", "ample.com", nil
		}, "failure hosted-zone: ample.com does not contain mcp.example.com"},
		{"a missing hosted zone", func(f *Facts, s *settings.Settings) {
			certified(f, s)
			s.Domain.HostedZone, f.Domain.ZoneErr, f.Domain.Resolved = "Z012", errNoZone, nil
		}, "failure hosted-zone: HOSTED_ZONE_ID is not a hosted zone"},
		{"a domain that is in use", func(f *Facts, s *settings.Settings) {
			certified(f, s)
			s.Domain.HostedZone, f.Domain.Zone, f.Domain.Resolved = "Z012", "example.com", []string{"mcp.example.com"}
		}, "warning dns: already resolved: mcp.example.com"},
		{"a domain that is in use by this stack", func(f *Facts, s *settings.Settings) {
			certified(f, s)
			f.Exists, s.Domain.HostedZone, f.Domain.Zone = true, "Z012", "mcp.example.com"
		}, ""},
		{"a hosted zone elsewhere", func(f *Facts, s *settings.Settings) {
			s.Domain.Name, s.Domain.HostedZone, f.Domain.Zone = "mcp.example.com", "Z012", "example.com"
		},
			"failure region: eu-central-1: the certificate for CloudFront can only be created in a stack in us-east-1"},
		{"an image in another region", func(f *Facts, _ *settings.Settings) { f.Region = "eu-west-1" }, "failure region: eu-west-1: CONTAINER_IMAGE is in eu-central-1"},
		{"not allowed to read anything", func(f *Facts, _ *settings.Settings) {
			denied := errors.New("not allowed")
			*f = Facts{Region: f.Region, Node: f.Node, BootstrapErr: denied, ConcurrencyErr: denied, StackErr: denied, NetworkErr: denied, ClusterRoleErr: denied}
		}, ""},
	} {
		s, err := settings.Parse(map[string]string{
			"SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/mcp@sha256:" + strings.Repeat("a", 64),
		})
		if err != nil {
			t.Fatal(err)
		}
		f := ready()
		c.fault(&f, &s)
		var got []string
		for _, finding := range Findings(f, s) {
			if finding.ID == "" || finding.Title == "" || finding.Status == "" {
				t.Errorf("%s: a field is empty: %+v", c.name, finding)
			}
			if finding.Status == doctor.OK || finding.Status == doctor.Skipped {
				continue
			}
			if finding.Breaks == "" || finding.Advice == "" {
				t.Errorf("%s: a field is empty: %+v", c.name, finding)
			}
			line := string(finding.Status) + " " + finding.ID + ": " + finding.Detail
			if c.want != "" && strings.HasPrefix(line, c.want) {
				line = c.want
			}
			got = append(got, line)
		}
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

// TestFindingsOfOneShape: shapes that are not selected are neither checked nor priced.
func TestFindingsOfOneShape(t *testing.T) {
	s, err := settings.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	f := ready()
	f.Region = "eu-central-2" // without Function URLs
	var ids []string
	for _, finding := range Findings(f, s) {
		if finding.Status != doctor.OK {
			t.Errorf("%+v", finding)
		}
		ids = append(ids, finding.ID)
	}
	if d := cmp.Diff([]string{"node", "region", "bootstrap", "stack", "concurrency", "plan-http-api", "plan"}, ids); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestFailedFirstDeployment: a stack without resources does not count as an update, for which
// quotas are not checked, and the advice for a protected stack is complete.
func TestFailedFirstDeployment(t *testing.T) {
	for status, exists := range map[string]bool{"ROLLBACK_COMPLETE": false, "REVIEW_IN_PROGRESS": false, "ROLLBACK_FAILED": true, "UPDATE_ROLLBACK_COMPLETE": true} {
		server := httptest.NewServer(awsfake.NewCloudFormation(awsfake.Options{}, awsfake.Stack{Name: "McpServerStack", Status: status, Protected: true}))
		defer server.Close()
		o := Options{Settings: settings.Settings{StackName: "McpServerStack"}, Config: aws.Config{
			Region: "us-east-1", BaseEndpoint: &server.URL,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
			}),
		}}
		var f Facts
		o.stack(t.Context(), &f)
		if f.StackErr != nil || f.Exists != exists || !strings.Contains(f.StackProblem, status) {
			t.Errorf("%s: exists %v, problem %q, %v", status, f.Exists, f.StackProblem, f.StackErr)
		}
		if strings.HasPrefix(status, "ROLLBACK_") && !strings.Contains(f.StackProblem, "first turn termination protection off") {
			t.Errorf("%s: the problem %q does not mention termination protection", status, f.StackProblem)
		}
	}
}

// TestGlobalServices: each partition has its own endpoints and credentials.
func TestGlobalServices(t *testing.T) {
	for region, want := range map[string]string{
		"eu-central-1":   "us-east-1 https://iam.amazonaws.com",
		"cn-northwest-1": "cn-north-1 https://iam.cn-north-1.amazonaws.com.cn",
		"us-gov-east-1":  "us-gov-west-1 https://iam.us-gov.amazonaws.com",
	} {
		o := Options{Config: aws.Config{Region: region}, Getenv: func(string) string { return "" }}
		if iam := o.global("iam", "IAM", "cn-north-1"); iam.region+" "+iam.endpoint != want {
			t.Errorf("%s: %s %s, want %s", region, iam.region, iam.endpoint, want)
		}
	}
}
