package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// balancerPort is the only port that anything in the network takes requests on
// from outside: CloudFront's.
const balancerPort = 80

// A network is where the tasks and their load balancer are.
type network struct {
	vpc                          awsec2.Vpc
	taskSubnets, balancerSubnets *awsec2.SubnetSelection
	tasks, balancer              awsec2.SecurityGroup
}

// newNetwork declares the network. In a private one the tasks reach AWS and the
// world through NAT gateways; in a public one each has an address of its own,
// to which, by its security group, nobody can connect. The load balancer has
// no public address in either.
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
		MaxAzs:              jsii.Number(2), // what a load balancer takes at least
		NatGateways:         jsii.Number(gateways),
		SubnetConfiguration: &subnets,
		// The images' layers are in S3: free of charge, past the NAT gateway.
		GatewayEndpoints: &map[string]*awsec2.GatewayVpcEndpointOptions{"S3": {Service: awsec2.GatewayVpcEndpointAwsService_S3()}},
		// It would take a function of the CDK's own to change a security group
		// that nothing here is in.
		RestrictDefaultSecurityGroup: jsii.Bool(false),
	}
	if c.Zones != nil {
		props.MaxAzs, props.AvailabilityZones = nil, jsii.Strings(c.Zones...)
	}
	vpc := awsec2.NewVpc(stack, jsii.String("Network"), props)
	pin(vpc, "Network")
	suppress(child(vpc), "AwsSolutions-VPC7",
		"Flow logs are billed by the GB. Who called is in the server's log, and nothing else can connect to it.")
	n := network{
		vpc:             vpc,
		taskSubnets:     &awsec2.SubnetSelection{SubnetGroupName: jsii.String(tasks)},
		balancerSubnets: &awsec2.SubnetSelection{SubnetGroupName: jsii.String(balancer)},
	}
	n.secure(stack, c)
	return n
}

// secure declares who may connect to whom: CloudFront to the load balancer, that
// to the tasks, the tasks to the world, since tools call whatever they call.
func (n *network) secure(stack awscdk.Stack, c settings.Container) {
	n.balancer = awsec2.NewSecurityGroup(stack, jsii.String("BalancerGroup"), &awsec2.SecurityGroupProps{
		Vpc: n.vpc, AllowAllOutbound: jsii.Bool(false), Description: jsii.String("Load balancer: from CloudFront, to the tasks"),
	})
	// The CDK writes the rule below as a resource of its own, and AWS gives a
	// group without any rule in it one that allows everything: so one for nothing.
	child(n.balancer).(awsec2.CfnSecurityGroup).SetSecurityGroupEgress([]any{&awsec2.CfnSecurityGroup_EgressProperty{
		CidrIp: jsii.String("255.255.255.255/32"), IpProtocol: jsii.String("icmp"), FromPort: jsii.Number(252), ToPort: jsii.Number(86),
		Description: jsii.String("Nobody, besides those declared apart"),
	}})
	n.tasks = awsec2.NewSecurityGroup(stack, jsii.String("TaskGroup"), &awsec2.SecurityGroupProps{
		Vpc: n.vpc, AllowAllOutbound: jsii.Bool(true), Description: jsii.String("Tasks: from the load balancer, to what the tools call"),
	})
	// A list counts as its addresses against the quota of rules: there is room
	// for one such rule in a group, so one port.
	n.balancer.AddIngressRule(awsec2.Peer_PrefixList(cloudFrontPrefixList(stack, c)), awsec2.Port_Tcp(jsii.Number(balancerPort)),
		jsii.String("CloudFront"), nil)
	port := awsec2.Port_Tcp(jsii.Number(settings.ContainerPort))
	n.balancer.AddEgressRule(n.tasks, port, jsii.String("Tasks"), nil)
	n.tasks.AddIngressRule(n.balancer, port, jsii.String("Load balancer"), nil)
	if c.Stateful() {
		n.tasks.AddIngressRule(n.tasks, port, jsii.String("A task that got a request of another one's session"), nil)
	}
}

// cloudFrontPrefixList is the id of the list of CloudFront's addresses, which is
// another one in each region. To look it up while synthesising would take
// credentials, and tie the template to a region. A region that is missing here
// fails at once, before anything is made; CLOUDFRONT_PREFIX_LIST helps.
func cloudFrontPrefixList(stack awscdk.Stack, c settings.Container) *string {
	if c.PrefixList != "" {
		return jsii.String(c.PrefixList)
	}
	ids := map[string]*map[string]any{}
	for region, id := range map[string]string{
		"ap-northeast-1": "pl-58a04531", "ap-northeast-2": "pl-22a6434b", "ap-northeast-3": "pl-31a14458",
		"ap-south-1": "pl-9aa247f3", "ap-southeast-1": "pl-31a34658", "ap-southeast-2": "pl-b8a742d1",
		"ca-central-1": "pl-38a64351", "eu-central-1": "pl-a3a144ca", "eu-north-1": "pl-fab65393",
		"eu-west-1": "pl-4fa04526", "eu-west-2": "pl-93a247fa", "eu-west-3": "pl-75b1541c",
		"sa-east-1": "pl-5da64334", "us-east-1": "pl-3b927c52", "us-east-2": "pl-b6a144df",
		"us-west-1": "pl-4ea04527", "us-west-2": "pl-82a045eb",
	} {
		ids[region] = &map[string]any{"PrefixList": id}
	}
	regions := awscdk.NewCfnMapping(stack, jsii.String("CloudFront"), &awscdk.CfnMappingProps{Mapping: &ids})
	return regions.FindInMap(stack.Region(), jsii.String("PrefixList"), nil)
}
