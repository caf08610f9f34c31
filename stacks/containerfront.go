package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// newFront declares the container's public endpoint, a CloudFront distribution that
// reaches the load balancer by a VPC origin, and returns its host name.
func newFront(stack awscdk.Stack, s settings.Settings, n network, balancer awselasticloadbalancingv2.ApplicationLoadBalancer) string {
	origin := awscloudfront.NewVpcOrigin(stack, jsii.String("Origin"), &awscloudfront.VpcOriginProps{
		Endpoint:       awscloudfront.VpcOriginEndpoint_ApplicationLoadBalancer(balancer),
		HttpPort:       jsii.Number(balancerPort),
		ProtocolPolicy: awscloudfront.OriginProtocolPolicy_HTTP_ONLY,
	})
	pin(origin, "Origin")
	// CloudFront rejects a network without an attached internet gateway, although it
	// does not use it.
	origin.Node().AddDependency(n.vpc.InternetConnectivityEstablished(), n.vpc.Node().FindChild(jsii.String("VPCGW")))
	return newDistribution(stack, s, distributionOptions{
		id: "Front", shape: settings.ShapeContainer, output: "McpContainer",
		origin: awscloudfrontorigins.VpcOrigin_WithVpcOrigin(origin, &awscloudfrontorigins.VpcOriginProps{
			DomainName:       balancer.LoadBalancerDnsName(),
			ReadTimeout:      seconds(settings.OriginReadTimeout),
			KeepaliveTimeout: seconds(settings.OriginKeepAlive),
		}),
	})
}
