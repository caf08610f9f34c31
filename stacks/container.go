package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// noImage is the error of a deployment without an image.
const noImage = "the shape container needs an image: run go tool mcpctl image --push, and add the line that it prints to .env"

// newContainer declares the shape container: Fargate tasks behind a load balancer
// that only CloudFront can reach. CloudFront provides HTTPS without a domain name.
// The server checks the keys itself, so its role can read them.
//
// Its parts are in containernetwork.go, containertask.go and containerfront.go.
func newContainer(stack awscdk.Stack, p Props, all secrets) (server Server, endpoint string) {
	c := p.Settings.Container
	if c.Image == "" {
		// An annotation instead of an error, as for Props.Problem.
		awscdk.Annotations_Of(stack).AddError(jsii.String(noImage))
	}
	n := newNetwork(stack, c)
	logs := newLogGroup(stack, "McpContainerLog", "", p.Settings)
	readable := append(all.keyARNs(), all.toolARNs()...)
	var sessions string
	if c.Stateful() {
		sessions = *newSessionSecret(stack).Ref()
		readable = append(readable, sessions)
	}
	t := newTask(stack, p, c, logs, taskOptions{
		env:     p.Settings.ContainerEnv(all.tools, all.defaultKeyARN(), *all.issuedKeys.Ref(), sessions),
		secrets: readable,
	})
	service := newService(stack, c, n, t)
	balancer, targets := newBalancer(stack, c, n, service)
	scale(service, c, targets)
	base := "https://" + newFront(stack, p.Settings, n, balancer)
	endpoint = base + settings.Paths()[0]
	if p.Settings.Signin.On() {
		// Built from the distribution's name, not from the Host header, which clients choose.
		resource := jsii.String(base + settings.SigninPath)
		t.container.AddEnvironment(jsii.String(settings.EnvSigninResource), resource)
		output(stack, "SigninContainerEndpoint", resource, "Endpoint of the container for MCP clients that sign in")
	}
	output(stack, "McpContainerEndpoint", &endpoint, "Endpoint for MCP clients of the container")
	output(stack, "McpContainerLogGroup", logs.LogGroupName(), "Log of the container")
	output(stack, "McpContainerService", service.ServiceArn(), "ECS service of the container")
	return Server{Shape: settings.ShapeContainer, Role: t.definition.TaskRole(), Set: func(name string, value *string) {
		t.container.AddEnvironment(jsii.String(name), value)
	}}, endpoint
}

// newService declares the service, which keeps the tasks running and replaces them when
// the image changes. It stops the old tasks only after the new ones are healthy, and
// keeps them if the new ones fail.
func newService(stack awscdk.Stack, c settings.Container, n network, t task) awsecs.FargateService {
	cluster := awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                 n.vpc,
		ContainerInsightsV2: awsecs.ContainerInsights_DISABLED,
	})
	pin(cluster, "Cluster")
	suppress(child(cluster), "AwsSolutions-ECS4",
		"Container Insights are billed by the metric. ECS and the load balancer publish processor, memory, requests and latency without them.")
	props := &awsecs.FargateServiceProps{
		Cluster:           cluster,
		TaskDefinition:    t.definition,
		SecurityGroups:    &[]awsec2.ISecurityGroup{n.tasks},
		VpcSubnets:        n.taskSubnets,
		AssignPublicIp:    jsii.Bool(c.Network == "public"),
		MinHealthyPercent: jsii.Number(100),
		MaxHealthyPercent: jsii.Number(200),
		CircuitBreaker:    &awsecs.DeploymentCircuitBreaker{Enable: jsii.Bool(true), Rollback: jsii.Bool(true)},
		// Time for a new task to start, in which failed health checks are ignored.
		HealthCheckGracePeriod: awscdk.Duration_Seconds(jsii.Number(60)),
		PropagateTags:          awsecs.PropagatedTagSource_SERVICE,
	}
	if c.Stateful() {
		// By default ECS stops tasks to balance the zones, which would end sessions.
		props.AvailabilityZoneRebalancing = awsecs.AvailabilityZoneRebalancing_DISABLED
	}
	service := awsecs.NewFargateService(stack, jsii.String("McpContainer"), props)
	// A task that starts before its role or its route to the repository exists
	// fails, and three failures cancel the deployment.
	service.Node().AddDependency(t.definition.ExecutionRole(), n.vpc.SelectSubnets(n.taskSubnets).InternetConnectivityEstablished)
	service.Node().FindChild(jsii.String("Service")).(awscdk.CfnElement).OverrideLogicalId(jsii.String("McpContainer"))
	return service
}

// scale declares the scaling of the tasks: by processor for tools that compute, and
// by requests for tools that wait.
func scale(service awsecs.FargateService, c settings.Container, targets awselasticloadbalancingv2.ApplicationTargetGroup) {
	count := service.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: jsii.Number(c.MinTasks), MaxCapacity: jsii.Number(c.MaxTasks),
	})
	count.ScaleOnCpuUtilization(jsii.String("Cpu"), &awsecs.CpuUtilizationScalingProps{TargetUtilizationPercent: jsii.Number(60)})
	count.ScaleOnRequestCount(jsii.String("Requests"), &awsecs.RequestCountScalingProps{
		RequestsPerTarget: jsii.Number(6 * c.CPU), // per minute: 26 per second for a quarter of a vCPU
		TargetGroup:       targets,
	})
}

// newBalancer declares the internal load balancer. It uses plain HTTP, within the
// network only: CloudFront terminates TLS and forwards requests over a private
// connection of AWS.
func newBalancer(stack awscdk.Stack, c settings.Container, n network, service awsecs.FargateService) (awselasticloadbalancingv2.ApplicationLoadBalancer, awselasticloadbalancingv2.ApplicationTargetGroup) {
	balancer := awselasticloadbalancingv2.NewApplicationLoadBalancer(stack, jsii.String("Balancer"), &awselasticloadbalancingv2.ApplicationLoadBalancerProps{
		Vpc:                     n.vpc,
		VpcSubnets:              n.balancerSubnets,
		InternetFacing:          jsii.Bool(false),
		SecurityGroup:           n.balancer,
		IdleTimeout:             seconds(settings.BalancerIdleTimeout),
		DropInvalidHeaderFields: jsii.Bool(true),
	})
	pin(balancer, "Balancer")
	suppress(child(balancer), "AwsSolutions-ELB2",
		"Only CloudFront can reach it, and the server logs each request with the id of its key. A bucket of access logs would outlive the stack.")
	listener := balancer.AddListener(jsii.String("Http"), &awselasticloadbalancingv2.BaseApplicationListenerProps{
		Port: jsii.Number(balancerPort), Protocol: awselasticloadbalancingv2.ApplicationProtocol_HTTP,
		Open: jsii.Bool(false), // the security group allows CloudFront
	})
	pin(listener, "BalancerListener")
	group := &awselasticloadbalancingv2.AddApplicationTargetsProps{
		Port: jsii.Number(settings.ContainerPort), Protocol: awselasticloadbalancingv2.ApplicationProtocol_HTTP,
		Targets: &[]awselasticloadbalancingv2.IApplicationLoadBalancerTarget{service},
		// The load balancer closes connections when the delay ends, and ECS sends SIGTERM
		// after that. So this is how long calls may continue on a task that is replaced.
		DeregistrationDelay: awscdk.Duration_Seconds(jsii.Number(c.DrainSeconds)),
		HealthCheck: &awselasticloadbalancingv2.HealthCheck{
			Path: jsii.String(settings.HealthPath), HealthyHttpCodes: jsii.String("200"),
			Interval: awscdk.Duration_Seconds(jsii.Number(10)), Timeout: awscdk.Duration_Seconds(jsii.Number(5)),
			HealthyThresholdCount: jsii.Number(2), UnhealthyThresholdCount: jsii.Number(3),
		},
	}
	if c.Stateful() {
		// A client with cookies reaches the task that has its session.
		group.StickinessCookieDuration = awscdk.Duration_Hours(jsii.Number(12))
	}
	return balancer, listener.AddTargets(jsii.String("Mcp"), group)
}

// taskLogs sends a container's output to a log group.
func taskLogs(group awslogs.ILogGroup) awsecs.LogDriver {
	return awsecs.LogDriver_AwsLogs(&awsecs.AwsLogDriverProps{
		LogGroup: group, StreamPrefix: jsii.String("mcpd"),
		// If CloudWatch is slow, lose lines instead of blocking the server.
		Mode: awsecs.AwsLogDriverMode_NON_BLOCKING,
	})
}

// newTaskRole declares a role that this account's ECS tasks can assume.
func newTaskRole(stack awscdk.Stack, id string) awsiam.Role {
	role := awsiam.NewRole(stack, jsii.String(id), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			// Excludes tasks of another account that knows the role's ARN.
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
	})
	pin(role, id)
	return role
}
