package settings_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"serverless-mcp/internal/settings"
)

const (
	certificateUS = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000"
	certificateEU = "arn:aws:acm:eu-central-1:123456789012:certificate/0a1b2c3d-0001"
)

func TestDomain(t *testing.T) {
	s, err := settings.Parse(map[string]string{
		"SHAPES": "http-api,stream,container", "DOMAIN_NAME": "mcp.example.com", "HOSTED_ZONE_ID": "Z012",
		"CERTIFICATE_ARN": certificateUS + ", " + certificateEU, "DISABLE_DEFAULT_ENDPOINT": "true",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Domain{Name: "mcp.example.com", Certificates: []string{certificateUS, certificateEU}, HostedZone: "Z012", DisableDefaultEndpoint: true}
	if d := cmp.Diff(want, s.Domain); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"mcp.example.com", "stream.mcp.example.com", "container.mcp.example.com"}, s.DomainNames()); d != "" {
		t.Errorf("names (-want +got):\n%s", d)
	}
	if got := s.Domain.RegionalCertificate(); got != certificateEU {
		t.Errorf("regional certificate %s", got)
	}
	if got := s.Domain.CloudFrontCertificate(); got != certificateUS {
		t.Errorf("CloudFront's certificate %s", got)
	}
	s.Domain.Certificates = []string{certificateUS}
	if got := s.Domain.RegionalCertificate(); got != certificateUS {
		t.Errorf("regional certificate of a stack in us-east-1: %s", got)
	}
}

func TestDomainOf(t *testing.T) {
	for shapes, want := range map[string]string{
		"http-api": "mcp.example.com - -", "stream": "- mcp.example.com -", "container": "- - mcp.example.com",
		"stream,container": "- mcp.example.com container.mcp.example.com",
	} {
		s, err := settings.Parse(map[string]string{"SHAPES": shapes, "DOMAIN_NAME": "mcp.example.com", "HOSTED_ZONE_ID": "Z012"})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, shape := range settings.Shapes() {
			name := s.DomainOf(shape)
			if name == "" {
				name = "-"
			}
			got = append(got, name)
		}
		if d := cmp.Diff(want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s (-want +got):\n%s", shapes, d)
		}
	}
	if s, err := settings.Parse(nil); err != nil || s.DomainOf(settings.ShapeHTTPAPI) != "" || s.DomainNames() != nil {
		t.Errorf("without DOMAIN_NAME: %v, %v", s.DomainNames(), err)
	}
}

func TestDomainRejects(t *testing.T) {
	for _, c := range []struct{ values, want string }{
		{"DOMAIN_NAME=https://mcp.example.com", "a domain name in lower case, without https://"},
		{"DOMAIN_NAME=" + strings.Repeat("a", 64) + ".example.com HOSTED_ZONE_ID=Z012", "a domain name in lower case, without https://"},
		{"DOMAIN_NAME=mcp.example.com", "DOMAIN_NAME needs CERTIFICATE_ARN or HOSTED_ZONE_ID"},
		{"HOSTED_ZONE_ID=Z012", "need DOMAIN_NAME"},
		{"CERTIFICATE_ARN=" + certificateUS, "need DOMAIN_NAME"},
		{"DISABLE_DEFAULT_ENDPOINT=true", "need DOMAIN_NAME"},
		{"HOSTED_ZONE_ID=example.com", "the id of a hosted zone"},
		{"CERTIFICATE_ARN=arn:aws:iam::123456789012:server-certificate/x", "is not the ARN of a certificate in ACM"},
		{"CERTIFICATE_ARN=" + certificateUS + "," + certificateUS, "has 2 certificates in 1 regions"},
		{"CERTIFICATE_ARN=" + certificateEU + "," + strings.Replace(certificateEU, "eu-central", "eu-west", 1), "has no certificate in us-east-1"},
		{"DOMAIN_NAME=mcp.example.com SHAPES=stream CERTIFICATE_ARN=" + certificateEU, "no certificate in us-east-1, which the shapes stream and container need"},
		{"DOMAIN_NAME=mcp.example.com SHAPES=stream HOSTED_ZONE_ID=Z012 DISABLE_DEFAULT_ENDPOINT=true", "DISABLE_DEFAULT_ENDPOINT needs the shape http-api"},
	} {
		values := map[string]string{}
		for _, v := range strings.Fields(c.values) {
			name, value, _ := strings.Cut(v, "=")
			values[name] = value
		}
		if _, err := settings.Parse(values); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error = %v, want %q in it", c.values, err, c.want)
		}
	}
}
