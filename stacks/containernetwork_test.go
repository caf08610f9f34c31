package stacks

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNoPublicListenerWithoutTLS: CloudFront, with HTTPS only, is the only thing
// that has a public address and listens.
func TestNoPublicListenerWithoutTLS(t *testing.T) {
	for name, result := range containers() {
		if p := result.Resources[one(t, result, "ElasticLoadBalancingV2::LoadBalancer")].Properties; p["Scheme"] != "internal" {
			t.Errorf("%s: the load balancer is %v", name, p["Scheme"])
		}
		behaviour := at(result.Resources["Front"].Properties, "DistributionConfig", "DefaultCacheBehavior").(map[string]any)
		want := map[string]any{
			"ViewerProtocolPolicy":  "https-only",
			"Compress":              false,                                  // streams would arrive in one piece
			"CachePolicyId":         "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", // CachingDisabled
			"OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac", // AllViewerExceptHostHeader
			"AllowedMethods":        []any{"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"},
			"TargetOriginId":        at(result.Resources["Front"].Properties, "DistributionConfig", "Origins", "Id"),
		}
		if diff := cmp.Diff(want, behaviour); diff != "" {
			t.Errorf("%s: CloudFront's behaviour (-want +got):\n%s", name, diff)
		}
		if more := at(result.Resources["Front"].Properties, "DistributionConfig", "CacheBehaviors"); more != nil {
			t.Errorf("%s: further behaviours %v", name, more)
		}
	}
	if v := at(all["everything"].Resources["Front"].Properties, "DistributionConfig", "ViewerCertificate"); !cmp.Equal(v, any(map[string]any{
		"AcmCertificateArn": certificate, "MinimumProtocolVersion": "TLSv1.2_2021", "SslSupportMethod": "sni-only",
	})) {
		t.Errorf("certificate of one's own: %v", v)
	}
}

// TestSecurityGroupsAreClosed lists all that may connect to anything.
func TestSecurityGroupsAreClosed(t *testing.T) {
	alone := []string{"BalancerGroup and CloudFront tcp 80-80", "TaskGroup and BalancerGroup tcp 8080-8080"}
	wanted := map[string][]string{
		"container": alone, "http-api, container": alone, "stream, container": alone, "sign-in": alone,
		"everything": {"BalancerGroup and pl-0a1b tcp 80-80", "TaskGroup and BalancerGroup tcp 8080-8080", "TaskGroup and TaskGroup tcp 8080-8080"},
	}
	for name, result := range containers() {
		if diff := cmp.Diff(wanted[name], rules(result, "Ingress")); diff != "" {
			t.Errorf("%s: who may connect (-want +got):\n%s", name, diff)
		}
	}
}

// TestWhereTheyMayConnectTo: tasks go anywhere, since tools do; the load balancer
// to the tasks and, as AWS allows everything where there is no rule, to an
// address that nobody has.
func TestWhereTheyMayConnectTo(t *testing.T) {
	want := []string{"BalancerGroup and 255.255.255.255/32 icmp 252-86", "BalancerGroup and TaskGroup tcp 8080-8080", "TaskGroup and 0.0.0.0/0 -1 null-null"}
	for name, result := range containers() {
		if diff := cmp.Diff(want, rules(result, "Egress")); diff != "" {
			t.Errorf("%s: where they may connect to (-want +got):\n%s", name, diff)
		}
	}
}

// rules are all of a direction, a line each: those that a group has in itself
// and those that stand alone.
func rules(result synthesised, direction string) []string {
	var got []string
	for _, id := range result.of("EC2::SecurityGroup") {
		for _, rule := range list(result.Resources[id].Properties["SecurityGroup"+direction]) {
			got = append(got, connection(id, rule.(map[string]any)))
		}
	}
	for _, id := range result.of("EC2::SecurityGroup" + direction) {
		p := result.Resources[id].Properties
		got = append(got, connection(refs(p["GroupId"])[0], p))
	}
	slices.Sort(got)
	return got
}

// connection is a rule in a line, from or to the other side. Of generated ids it
// has what we named them.
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

// TestOnlyCloudFrontReachesTheServer follows the way of a request.
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
		listener := result.Resources[one(t, result, "ElasticLoadBalancingV2::Listener")].Properties
		group := one(t, result, "ElasticLoadBalancingV2::TargetGroup")
		if !slices.Equal(refs(listener["DefaultActions"]), []string{group}) || listener["Port"] != 80.0 {
			t.Errorf("%s: listener %v", name, listener)
		}
		if got := refs(at(result.Resources["McpContainer"].Properties, "LoadBalancers", "TargetGroupArn")); !slices.Equal(got, []string{group}) {
			t.Errorf("%s: the service is behind %v", name, got)
		}
	}
}

func TestTargetGroup(t *testing.T) {
	for name, stickiness := range map[string]map[string]string{
		"container":  {"stickiness.enabled": "false"},
		"everything": {"stickiness.enabled": "true", "stickiness.type": "lb_cookie", "stickiness.lb_cookie.duration_seconds": "43200"},
	} {
		p := all[name].Resources[one(t, all[name], "ElasticLoadBalancingV2::TargetGroup")].Properties
		got := map[string]string{}
		for _, a := range p["TargetGroupAttributes"].([]any) {
			got[at(a, "Key").(string)] = at(a, "Value").(string)
		}
		want := map[string]string{"deregistration_delay.timeout_seconds": "120"} // as StopTimeout of the task
		maps.Copy(want, stickiness)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: attributes (-want +got):\n%s", name, diff)
		}
		if p["HealthCheckPath"] != "/health" || p["Port"] != 8080.0 {
			t.Errorf("%s: health check of %v, port %v", name, p["HealthCheckPath"], p["Port"])
		}
	}
}

// TestNetworks: what is paid for by the hour is what the settings say.
func TestNetworks(t *testing.T) {
	for name, gateways := range map[string]int{"container": 1, "everything": 0} {
		result := all[name]
		if n := len(result.of("EC2::NatGateway")); n != gateways {
			t.Errorf("%s: %d NAT gateways, want %d", name, n, gateways)
		}
		var private []string // subnets without a way to the internet gateway
		for _, id := range refs(result.Resources["Balancer"].Properties["Subnets"]) {
			if !strings.Contains(id, "Public") {
				private = append(private, id)
			}
		}
		if len(private) != 2 {
			t.Errorf("%s: the load balancer is in %v", name, refs(result.Resources["Balancer"].Properties["Subnets"]))
		}
		for _, id := range result.of("EC2::Subnet") {
			if p := result.Resources[id].Properties; p["MapPublicIpOnLaunch"] == true {
				t.Errorf("%s: %s gives public addresses to all", name, id)
			}
		}
	}
	zones := map[any]bool{}
	for _, id := range all["everything"].of("EC2::Subnet") {
		zones[all["everything"].Resources[id].Properties["AvailabilityZone"]] = true
	}
	if diff := cmp.Diff(map[any]bool{"us-east-1b": true, "us-east-1c": true}, zones); diff != "" {
		t.Errorf("zones (-want +got):\n%s", diff)
	}
}
