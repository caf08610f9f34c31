package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// newFront declares what the world sees: CloudFront, with a name and a
// certificate of its own, or with yours. It keeps nothing, and passes on what
// comes as it comes: compressed answers would arrive in one piece.
func newFront(stack awscdk.Stack, c settings.Container, n network, balancer awselasticloadbalancingv2.ApplicationLoadBalancer) awscloudfront.Distribution {
	origin := awscloudfront.NewVpcOrigin(stack, jsii.String("Origin"), &awscloudfront.VpcOriginProps{
		Endpoint:       awscloudfront.VpcOriginEndpoint_ApplicationLoadBalancer(balancer),
		HttpPort:       jsii.Number(balancerPort),
		ProtocolPolicy: awscloudfront.OriginProtocolPolicy_HTTP_ONLY,
	})
	pin(origin, "Origin")
	// CloudFront refuses a network without a gateway, which it does not use.
	origin.Node().AddDependency(n.vpc.InternetConnectivityEstablished())

	props := &awscloudfront.DistributionProps{
		Comment:     jsii.String(*stack.StackName()),
		HttpVersion: awscloudfront.HttpVersion_HTTP2_AND_3,
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin: awscloudfrontorigins.VpcOrigin_WithVpcOrigin(origin, &awscloudfrontorigins.VpcOriginProps{
				DomainName:       balancer.LoadBalancerDnsName(),
				ReadTimeout:      seconds(settings.OriginReadTimeout),
				KeepaliveTimeout: seconds(settings.OriginKeepAlive),
			}),
			AllowedMethods:       awscloudfront.AllowedMethods_ALLOW_ALL(), // there is no smaller set with POST
			ViewerProtocolPolicy: awscloudfront.ViewerProtocolPolicy_HTTPS_ONLY,
			CachePolicy:          awscloudfront.CachePolicy_CACHING_DISABLED(),
			OriginRequestPolicy:  awscloudfront.OriginRequestPolicy_ALL_VIEWER_EXCEPT_HOST_HEADER(),
			Compress:             jsii.Bool(false),
		},
	}
	if c.Domain != "" {
		props.DomainNames = jsii.Strings(c.Domain)
		props.Certificate = awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("Certificate"), jsii.String(c.Certificate))
		props.MinimumProtocolVersion = awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021
	}
	front := awscloudfront.NewDistribution(stack, jsii.String("Front"), props)
	pin(front, "Front") // a new one has a new address
	reasons := [][2]string{
		{"AwsSolutions-CFR1", "Where its users are is for whoever deploys it to say; without a key nobody gets anything anywhere."},
		{"AwsSolutions-CFR2", "A web firewall costs more than the rest at this size, and the server takes nothing without a key."},
		{"AwsSolutions-CFR3", "The server logs each request with the id of its key. A bucket of access logs would outlive the stack."},
	}
	if c.Domain == "" {
		reasons = append(reasons, [2]string{"AwsSolutions-CFR4", "CloudFront's own certificate leaves no choice of a TLS version; with CONTAINER_DOMAIN it is 1.2 or later."})
	}
	suppressAll(child(front), reasons)
	return front
}

// suppressAll is [suppress] for several rules, each with its reason.
func suppressAll(resource awscdk.CfnResource, rules [][2]string) {
	var list []any
	for _, r := range rules {
		list = append(list, map[string]any{"id": r[0], "reason": r[1]})
	}
	resource.AddMetadata(jsii.String("cdk_nag"), map[string]any{"rules_to_suppress": list})
}
