package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// balancerPort is the load balancer's port, for CloudFront only.
const balancerPort = 80

// A network contains the tasks and their load balancer.
type network struct {
	vpc                          awsec2.Vpc
	taskSubnets, balancerSubnets *awsec2.SubnetSelection
	tasks, balancer              awsec2.SecurityGroup
}

// newNetwork declares the network. In a private network, the tasks reach the internet
// through NAT gateways. In a public network, each task has a public address, to which
// its security group allows no connection. The load balancer never has a public
// address.
func newNetwork(stack awscdk.Stack, c settings.Container) network {
	tasks, balancer := "Private", "Private"
	subnets := []*awsec2.SubnetConfiguration{
		{Name: jsii.String("Public"), SubnetType: awsec2.SubnetType_PUBLIC, MapPublicIpOnLaunch: jsii.Bool(false), CidrMask: jsii.Number(22)},
		{Name: jsii.String("Private"), SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS, CidrMask: jsii.Number(22)},
	}
	gateways := c.NATGateways
	if c.Network == "public" {
		tasks, gateways = "Public", 0
		subnets[1].SubnetType = awsec2.SubnetType_PRIVATE_ISOLATED
	}
	props := &awsec2.VpcProps{
		MaxAzs:              jsii.Number(2), // the minimum of a load balancer
		NatGateways:         jsii.Number(gateways),
		SubnetConfiguration: &subnets,
		// The images' layers are in S3: this endpoint is free, the NAT gateway is not.
		GatewayEndpoints: &map[string]*awsec2.GatewayVpcEndpointOptions{"S3": {Service: awsec2.GatewayVpcEndpointAwsService_S3()}},
		// Nothing uses the default security group. To restrict it, the CDK would add a
		// function to the stack.
		RestrictDefaultSecurityGroup: jsii.Bool(false),
	}
	if c.Zones != nil {
		props.MaxAzs, props.AvailabilityZones = nil, jsii.Strings(c.Zones...)
	}
	vpc := awsec2.NewVpc(stack, jsii.String("Network"), props)
	pin(vpc, "Network")
	suppress(child(vpc), "AwsSolutions-VPC7",
		"Flow logs are billed by the GB. The server logs each call, and only CloudFront can connect to the load balancer.")
	n := network{
		vpc:             vpc,
		taskSubnets:     &awsec2.SubnetSelection{SubnetGroupName: jsii.String(tasks)},
		balancerSubnets: &awsec2.SubnetSelection{SubnetGroupName: jsii.String(balancer)},
	}
	n.secure(stack, c)
	return n
}

// secure declares the security groups: CloudFront may connect to the load balancer,
// the load balancer to the tasks, and the tasks to anything, as their tools need.
func (n *network) secure(stack awscdk.Stack, c settings.Container) {
	n.balancer = awsec2.NewSecurityGroup(stack, jsii.String("BalancerGroup"), &awsec2.SecurityGroupProps{
		Vpc: n.vpc, AllowAllOutbound: jsii.Bool(false), Description: jsii.String("Load balancer: from CloudFront, to the tasks"),
	})
	// The CDK declares the rule below as a separate resource, and AWS adds a rule
	// that allows everything to a group without rules. This rule matches nothing.
	child(n.balancer).(awsec2.CfnSecurityGroup).SetSecurityGroupEgress([]any{&awsec2.CfnSecurityGroup_EgressProperty{
		CidrIp: jsii.String("255.255.255.255/32"), IpProtocol: jsii.String("icmp"), FromPort: jsii.Number(252), ToPort: jsii.Number(86),
		Description: jsii.String("Nothing except the separate rules"),
	}})
	n.tasks = awsec2.NewSecurityGroup(stack, jsii.String("TaskGroup"), &awsec2.SecurityGroupProps{
		Vpc: n.vpc, AllowAllOutbound: jsii.Bool(true), Description: jsii.String("Tasks: from the load balancer, to what the tools call"),
	})
	// A prefix list counts as its number of addresses against the quota of rules: a
	// group has room for only one such rule, and so for one port.
	n.balancer.AddIngressRule(awsec2.Peer_PrefixList(cloudFrontPrefixList(stack, c)), awsec2.Port_Tcp(jsii.Number(balancerPort)),
		jsii.String("CloudFront"), nil)
	port := awsec2.Port_Tcp(jsii.Number(settings.ContainerPort))
	n.balancer.AddEgressRule(n.tasks, port, jsii.String("Tasks"), nil)
	n.tasks.AddIngressRule(n.balancer, port, jsii.String("Load balancer"), nil)
	if c.Stateful() {
		n.tasks.AddIngressRule(n.tasks, port, jsii.String("Tasks that forward requests of other tasks' sessions"), nil)
	}
}

// cloudFrontPrefixList returns the id of the managed prefix list of CloudFront's
// addresses, which differs by region. Looking it up at synthesis would require
// credentials and tie the template to a region. In a region without an entry,
// CLOUDFRONT_PREFIX_LIST is required: without it, the deployment fails before it creates
// anything.
func cloudFrontPrefixList(stack awscdk.Stack, c settings.Container) *string {
	if c.PrefixList != "" {
		return jsii.String(c.PrefixList)
	}
	ids := map[string]*map[string]any{}
	for region, id := range settings.CloudFrontPrefixLists() {
		ids[region] = &map[string]any{"PrefixList": id}
	}
	regions := awscdk.NewCfnMapping(stack, jsii.String("CloudFront"), &awscdk.CfnMappingProps{Mapping: &ids})
	return regions.FindInMap(stack.Region(), jsii.String("PrefixList"), nil)
}
