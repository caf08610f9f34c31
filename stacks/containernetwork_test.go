package stacks

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNoPublicListenerWithoutTLS: only CloudFront has a public address and listens,
// and it requires HTTPS.
func TestNoPublicListenerWithoutTLS(t *testing.T) {
	for name, result := range containers() {
		if p := result.Resources[onlyID(t, result, "ElasticLoadBalancingV2::LoadBalancer")].Properties; p["Scheme"] != "internal" {
			t.Errorf("%s: the load balancer is %v", name, p["Scheme"])
		}
		behavior := at(result.Resources["Front"].Properties, "DistributionConfig", "DefaultCacheBehavior").(map[string]any)
		want := map[string]any{
			"ViewerProtocolPolicy":  "https-only",
			"Compress":              false,                                  // streams would arrive in one piece
			"CachePolicyId":         "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", // CachingDisabled
			"OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac", // AllViewerExceptHostHeader
			"AllowedMethods":        []any{"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"},
			"TargetOriginId":        at(result.Resources["Front"].Properties, "DistributionConfig", "Origins", "Id"),
		}
		if diff := cmp.Diff(want, behavior); diff != "" {
			t.Errorf("%s: CloudFront's behavior (-want +got):\n%s", name, diff)
		}
		if more := at(result.Resources["Front"].Properties, "DistributionConfig", "CacheBehaviors"); more != nil {
			t.Errorf("%s: further behaviors %v", name, more)
		}
	}
}

// TestSecurityGroupsAreClosed lists all rules for incoming connections.
func TestSecurityGroupsAreClosed(t *testing.T) {
	alone := []string{"BalancerGroup and CloudFront tcp 80-80", "TaskGroup and BalancerGroup tcp 8080-8080"}
	wanted := map[string][]string{
		"container": alone, "http-api, container": alone, "stream, container": alone, "domains": alone, "sign-in": alone, "three": alone, "jobs": alone, "limits": alone, "features": alone, "alarms": alone, "sign-in, domains": alone,
		"everything": {"BalancerGroup and pl-0a1b tcp 80-80", "TaskGroup and BalancerGroup tcp 8080-8080", "TaskGroup and TaskGroup tcp 8080-8080"},
	}
	for name, result := range containers() {
		if diff := cmp.Diff(wanted[name], rules(result, "Ingress")); diff != "" {
			t.Errorf("%s: ingress rules (-want +got):\n%s", name, diff)
		}
	}
}

// TestOutgoingConnections: tasks may connect to anything, because their tools do; the load
// balancer only to the tasks. The load balancer's other rule matches nothing; it exists
// because AWS allows everything to a group without a rule.
func TestOutgoingConnections(t *testing.T) {
	want := []string{"BalancerGroup and 255.255.255.255/32 icmp 252-86", "BalancerGroup and TaskGroup tcp 8080-8080", "TaskGroup and 0.0.0.0/0 -1 null-null"}
	for name, result := range containers() {
		if diff := cmp.Diff(want, rules(result, "Egress")); diff != "" {
			t.Errorf("%s: egress rules (-want +got):\n%s", name, diff)
		}
	}
}

// rules returns all rules of a direction, one per line: those within a group and
// the separate ones.
func rules(result synthesized, direction string) []string {
	var got []string
	for _, id := range result.idsOf("EC2::SecurityGroup") {
		for _, rule := range list(result.Resources[id].Properties["SecurityGroup"+direction]) {
			got = append(got, connection(id, rule.(map[string]any)))
		}
	}
	for _, id := range result.idsOf("EC2::SecurityGroup" + direction) {
		p := result.Resources[id].Properties
		got = append(got, connection(refs(p["GroupId"])[0], p))
	}
	slices.Sort(got)
	return got
}

// connection describes a rule. Generated ids are shortened to our names.
func connection(group string, p map[string]any) string {
	from := "?"
	for _, property := range []string{"CidrIp", "CidrIpv6", "SourcePrefixListId", "SourceSecurityGroupId", "DestinationPrefixListId", "DestinationSecurityGroupId"} {
		switch v := p[property].(type) {
		case string:
			from = v
		case map[string]any:
			from = strings.Join(append(texts(at(v, "Fn::FindInMap")), refs(v)...), " ")
		}
	}
	short := func(id string) string {
		for _, name := range []string{"BalancerGroup", "TaskGroup", "CloudFront"} {
			if strings.HasPrefix(id, name) {
				return name
			}
		}
		return id
	}
	return short(group) + " and " + short(from) + " " + p["IpProtocol"].(string) + " " + ports(p)
}

func ports(p map[string]any) string {
	return strings.Join(texts([]any{p["FromPort"]}), "") + "-" + strings.Join(texts([]any{p["ToPort"]}), "")
}

// TestOnlyCloudFrontReachesTheServer follows the path of a request.
func TestOnlyCloudFrontReachesTheServer(t *testing.T) {
	for name, result := range containers() {
		config := at(result.Resources["Front"].Properties, "DistributionConfig", "Origins", "VpcOriginConfig").(map[string]any)
		if !slices.Equal(refs(config["VpcOriginId"]), []string{"Origin"}) || config["OriginReadTimeout"] != 120.0 || config["OriginKeepaliveTimeout"] != 60.0 {
			t.Errorf("%s: origin %v", name, config)
		}
		origin := result.Resources["Origin"].Properties["VpcOriginEndpointConfig"].(map[string]any)
		if !slices.Equal(refs(origin["Arn"]), []string{"Balancer"}) || origin["OriginProtocolPolicy"] != "http-only" || origin["HTTPPort"] != 80.0 {
			t.Errorf("%s: VPC origin %v", name, origin)
		}
		listener := result.Resources[onlyID(t, result, "ElasticLoadBalancingV2::Listener")].Properties
		group := onlyID(t, result, "ElasticLoadBalancingV2::TargetGroup")
		// CloudFront rejects a network whose internet gateway is not attached yet.
		if after := result.Resources["Origin"].DependsOn; !slices.ContainsFunc(after, func(id string) bool { return result.Resources[id].Type == "AWS::EC2::VPCGatewayAttachment" }) {
			t.Errorf("%s: the VPC origin depends on %v, want the gateway's attachment too", name, after)
		}
		if !slices.Equal(refs(listener["DefaultActions"]), []string{group}) || listener["Port"] != 80.0 {
			t.Errorf("%s: listener %v", name, listener)
		}
		if got := refs(at(result.Resources["McpContainer"].Properties, "LoadBalancers", "TargetGroupArn")); !slices.Equal(got, []string{group}) {
			t.Errorf("%s: the service is behind %v", name, got)
		}
	}
}

func TestTargetGroup(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"container":  {"stickiness.enabled": "false", "deregistration_delay.timeout_seconds": "900"},
		"everything": {"deregistration_delay.timeout_seconds": "3600", "stickiness.enabled": "true", "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "43200"},
	} {
		p := all[name].Resources[onlyID(t, all[name], "ElasticLoadBalancingV2::TargetGroup")].Properties
		got := map[string]string{}
		for _, a := range p["TargetGroupAttributes"].([]any) {
			got[at(a, "Key").(string)] = at(a, "Value").(string)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: attributes (-want +got):\n%s", name, diff)
		}
		if p["HealthCheckPath"] != "/health" || p["Port"] != 8080.0 {
			t.Errorf("%s: health check of %v, port %v", name, p["HealthCheckPath"], p["Port"])
		}
	}
}

// TestNetworks checks what is billed by the hour, and that the load balancer is in
// private subnets.
func TestNetworks(t *testing.T) {
	for name, gateways := range map[string]int{"container": 1, "everything": 0} {
		result := all[name]
		if n := len(result.idsOf("EC2::NatGateway")); n != gateways {
			t.Errorf("%s: %d NAT gateways, want %d", name, n, gateways)
		}
		var private []string // subnets without a route to the internet gateway
		for _, id := range refs(result.Resources["Balancer"].Properties["Subnets"]) {
			if !strings.Contains(id, "Public") {
				private = append(private, id)
			}
		}
		if len(private) != 2 {
			t.Errorf("%s: the load balancer is in %v", name, refs(result.Resources["Balancer"].Properties["Subnets"]))
		}
		for _, id := range result.idsOf("EC2::Subnet") {
			if p := result.Resources[id].Properties; p["MapPublicIpOnLaunch"] == true {
				t.Errorf("%s: %s gives public addresses to all", name, id)
			}
		}
	}
	zones := map[any]bool{}
	for _, id := range all["everything"].idsOf("EC2::Subnet") {
		zones[all["everything"].Resources[id].Properties["AvailabilityZone"]] = true
	}
	if diff := cmp.Diff(map[any]bool{"us-east-1b": true, "us-east-1c": true}, zones); diff != "" {
		t.Errorf("zones (-want +got):\n%s", diff)
	}
}
