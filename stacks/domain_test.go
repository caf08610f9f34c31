package stacks

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDomainEndpoints: with a domain name, no output has the default address.
func TestDomainEndpoints(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"domain": {
			"McpEndpoint": "https://mcp.example.com/mcp", "BearerEndpoint": "https://mcp.example.com/bearer/mcp", "PageUrl": "https://mcp.example.com/",
		},
		"stream domain": {"McpEndpoint": "https://mcp.example.com/mcp", "McpStreamEndpoint": "https://mcp.example.com/mcp"},
		"sign-in, domains": {
			"SigninEndpoint": "https://mcp.example.com/signin/mcp", "SigninStreamEndpoint": "https://stream.mcp.example.com/signin/mcp",
			"SigninContainerEndpoint": "https://container.mcp.example.com/signin/mcp",
		},
		"everything": {
			"McpEndpoint": "https://mcp.example.com/mcp", "McpStreamEndpoint": "https://stream.mcp.example.com/mcp",
			"McpContainerEndpoint": "https://container.mcp.example.com/mcp",
		},
	} {
		for output, value := range want {
			if got := all[name].Outputs[output].Value; got != value {
				t.Errorf("%s: %s = %v, want %s", name, output, got, value)
			}
		}
	}
	// Tokens are issued for the endpoint that people know.
	const stream = "https://stream.mcp.example.com/signin/mcp"
	if got := at(all["sign-in, domains"].Resources["McpStream"].Properties, "Environment", "Variables", "SIGNIN_RESOURCE"); got != stream {
		t.Errorf("SIGNIN_RESOURCE of the stream = %v, want %s", got, stream)
	}
	target := all["stream domain"].Outputs["McpStreamDomainTarget"]
	if got := refs(target.Value); !slices.Equal(got, []string{"StreamFront"}) || !strings.Contains(target.Description, "mcp.example.com") {
		t.Errorf("target of the user's CNAME record: %v, %s", target.Value, target.Description)
	}
}

// TestAPIDomain: the HTTP API has its domain name with TLS 1.2, mapped to the stage with
// the throttle, and with DISABLE_DEFAULT_ENDPOINT no other address.
func TestAPIDomain(t *testing.T) {
	for name, certificate := range map[string]any{"domain": map[string]any{"Ref": "Certificate"}, "everything": certificateEU} {
		result := all[name]
		p := result.Resources["ApiDomain"].Properties
		configuration, _ := at(p, "DomainNameConfigurations").([]any)
		want := []any{map[string]any{"CertificateArn": certificate, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}}
		if diff := cmp.Diff(want, configuration); diff != "" || p["DomainName"] != "mcp.example.com" {
			t.Errorf("%s: domain %v (-want +got):\n%s", name, p["DomainName"], diff)
		}
		mapping := map[string]any{"ApiId": map[string]any{"Ref": "Api"}, "DomainName": map[string]any{"Ref": "ApiDomain"}, "Stage": "$default"}
		if diff := cmp.Diff(mapping, result.Resources["ApiMapping"].Properties); diff != "" {
			t.Errorf("%s: mapping (-want +got):\n%s", name, diff)
		}
		if after := result.Resources["ApiMapping"].DependsOn; !slices.Contains(after, "Stage") {
			t.Errorf("%s: the mapping depends on %v, want Stage", name, after)
		}
		if got := result.Resources["Api"].Properties["DisableExecuteApiEndpoint"]; got != true {
			t.Errorf("%s: DisableExecuteApiEndpoint = %v", name, got)
		}
	}
	if got := all["domains"].Resources["Api"].Properties["DisableExecuteApiEndpoint"]; got != nil {
		t.Errorf("domains: DisableExecuteApiEndpoint = %v without the setting", got)
	}
}

// TestCertificate: a certificate that the stack creates is for all names and validated in
// the hosted zone; if CloudFront uses it, the stack must be in us-east-1.
func TestCertificate(t *testing.T) {
	validation := func(names ...string) []any {
		var options []any
		for _, n := range names {
			options = append(options, map[string]any{"DomainName": n, "HostedZoneId": "Z012"})
		}
		return options
	}
	inOneRegion := map[string]any{"Fn::FindInMap": []any{"CertificateForCloudFront", map[string]any{"Ref": "AWS::Region"}, "DomainName"}}
	for name, want := range map[string]map[string]any{
		"domain": {"DomainName": "mcp.example.com", "ValidationMethod": "DNS", "DomainValidationOptions": validation("mcp.example.com")},
		"domains": {
			"DomainName": inOneRegion, "ValidationMethod": "DNS",
			"SubjectAlternativeNames": []any{"stream.mcp.example.com", "container.mcp.example.com"},
			"DomainValidationOptions": validation("mcp.example.com", "stream.mcp.example.com", "container.mcp.example.com"),
		},
	} {
		id := onlyID(t, all[name], "CertificateManager::Certificate")
		if diff := cmp.Diff(want, all[name].Resources[id].Properties); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	var mappings struct{ Mappings map[string]any }
	if err := json.Unmarshal(all["domains"].raw, &mappings); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(any(map[string]any{"us-east-1": map[string]any{"DomainName": "mcp.example.com"}}), mappings.Mappings["CertificateForCloudFront"]); diff != "" {
		t.Errorf("regions (-want +got):\n%s", diff)
	}
	for _, name := range []string{"everything", "stream domain"} {
		if made := all[name].idsOf("CertificateManager::Certificate"); made != nil {
			t.Errorf("%s: creates %v in spite of CERTIFICATE_ARN", name, made)
		}
	}
}

// TestRecords: each name leads to its own endpoint.
func TestRecords(t *testing.T) {
	want := []string{
		"A container.mcp.example.com [Front]", "A mcp.example.com [ApiDomain ApiDomain]", "A stream.mcp.example.com [StreamFront]",
		"AAAA container.mcp.example.com [Front]", "AAAA stream.mcp.example.com [StreamFront]",
	}
	for _, name := range []string{"domains", "everything"} {
		var got []string
		for _, id := range all[name].idsOf("Route53::RecordSet") {
			p := all[name].Resources[id].Properties
			got = append(got, strings.Join([]string{p["Type"].(string), p["Name"].(string), "[" + strings.Join(refs(p["AliasTarget"]), " ") + "]"}, " "))
			if p["HostedZoneId"] != "Z012" {
				t.Errorf("%s: %s is in zone %v", name, id, p["HostedZoneId"])
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if records := all["stream domain"].idsOf("Route53::RecordSet"); records != nil {
		t.Errorf("records %v without a hosted zone", records)
	}
}

// TestDistributions: both distributions have the domain name's certificate, do not delay
// streams, and never send one caller's error to another from the cache.
func TestDistributions(t *testing.T) {
	for id, host := range map[string]string{"StreamFront": "stream.mcp.example.com", "Front": "container.mcp.example.com"} {
		config := at(all["everything"].Resources[id].Properties, "DistributionConfig").(map[string]any)
		want := map[string]any{"AcmCertificateArn": certificateUS, "MinimumProtocolVersion": "TLSv1.2_2021", "SslSupportMethod": "sni-only"}
		if diff := cmp.Diff(want, config["ViewerCertificate"]); diff != "" {
			t.Errorf("%s: certificate (-want +got):\n%s", id, diff)
		}
		if diff := cmp.Diff(any([]any{host}), config["Aliases"]); diff != "" {
			t.Errorf("%s: names (-want +got):\n%s", id, diff)
		}
		if got := at(config, "DefaultCacheBehavior", "Compress"); got != false {
			t.Errorf("%s: Compress = %v, so a stream would arrive in one piece", id, got)
		}
		var statuses []any
		for _, e := range config["CustomErrorResponses"].([]any) {
			statuses = append(statuses, at(e, "ErrorCode"))
			if ttl := at(e, "ErrorCachingMinTTL"); ttl != 0.0 {
				t.Errorf("%s: caches %v for %v s", id, at(e, "ErrorCode"), ttl)
			}
		}
		if diff := cmp.Diff([]any{400.0, 403.0, 404.0, 405.0, 414.0, 416.0, 500.0, 501.0, 502.0, 503.0, 504.0}, statuses); diff != "" {
			t.Errorf("%s: statuses (-want +got):\n%s", id, diff)
		}
	}
	origin := at(all["stream domain"].Resources["StreamFront"].Properties, "DistributionConfig", "Origins").([]any)[0]
	if got := refs(at(origin, "DomainName")); !slices.Equal(got, []string{"McpStreamUrl"}) {
		t.Errorf("origin of the stream: %v", got)
	}
	if at(origin, "OriginAccessControlId") != nil || at(origin, "CustomOriginConfig", "OriginProtocolPolicy") != "https-only" || at(origin, "CustomOriginConfig", "OriginReadTimeout") != 120.0 {
		t.Errorf("origin of the stream: %v", origin)
	}
}

// TestNextStep: secrets that were never pushed come first.
func TestNextStep(t *testing.T) {
	for name, want := range map[string]string{
		"chosen": "go tool mcpctl tools --stack McpServerStack --region ",
		"both":   "go tool mcpctl secrets push --stack McpServerStack --region ",
	} {
		value, _ := all[name].Outputs["NextStep"].Value.(map[string]any)
		parts := value["Fn::Join"].([]any)[1].([]any)
		if got := parts[0]; got != want {
			t.Errorf("%s: NextStep begins with %q, want %q", name, got, want)
		}
	}
}
