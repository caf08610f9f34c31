package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// noImage is what is said instead of deploying tasks that have nothing to run.
const noImage = "SHAPES has container, which needs an image: run go tool mcpctl image --push, and put the line that it prints into .env"

// newContainer declares the shape container: tasks on Fargate behind a load
// balancer that only CloudFront reaches, which gives HTTPS to those who own no
// domain. The server checks the keys itself, so its role can read them.
//
// The files beside this one declare the parts: containernetwork.go,
// containertask.go, containerfront.go.
func newContainer(stack awscdk.Stack, p Props, defaultKey, issuedKeys awssecretsmanager.CfnSecret, toolSecrets map[string]string) (Server, string) {
	c := p.Settings.Container
	if c.Image == "" {
		// Not a failure of the app: see Props.Problem.
		awscdk.Annotations_Of(stack).AddError(jsii.String(noImage))
	}
	n := newNetwork(stack, c)
	logs := newLogGroup(stack, "McpContainerLog", p.Settings)
	secrets := append(readableKeys(defaultKey, issuedKeys), sorted(toolSecrets)...)
	var sessions string
	if c.Stateful() {
		sessions = *newSessionSecret(stack).Ref()
		secrets = append(secrets, sessions)
	}
	t := newTask(stack, p, c, logs, taskOptions{
		env:     p.Settings.ContainerEnv(toolSecrets, *orEmpty(arn(defaultKey)), *issuedKeys.Ref(), sessions),
		secrets: secrets,
	})
	service := newService(stack, c, n, t)
	balancer, targets := newBalancer(stack, c, n, service)
	scale(service, c, targets)
	front := newFront(stack, c, n, balancer)

	host := front.DomainName()
	output(stack, "McpContainerDomain", host, "CloudFront's name for the container's endpoint; a CNAME of yours points here")
	if c.Domain != "" {
		host = jsii.String(c.Domain)
	}
	endpoint := "https://" + *host + settings.Paths()[0]
	if p.Settings.Signin.On() {
		// From CloudFront's name, not from the Host header, which clients choose.
		resource := jsii.String("https://" + *host + settings.SigninPath)
		t.container.AddEnvironment(jsii.String(settings.EnvSigninResource), resource)
		output(stack, "SigninContainerEndpoint", resource, "Where people connect to the container who sign in")
	}
	output(stack, "McpContainerEndpoint", &endpoint, "Where MCP clients connect to the container")
	output(stack, "McpContainerLogGroup", logs.LogGroupName(), "Log of the container")
	return Server{Shape: settings.ShapeContainer, Role: t.definition.TaskRole(), Set: func(name string, value *string) {
		t.container.AddEnvironment(jsii.String(name), value)
	}}, endpoint
}

// newService declares what keeps the tasks running, and replaces them when the
// image changes: new ones must be healthy before old ones go, and if they do not
// become so, the old ones stay.
func newService(stack awscdk.Stack, c settings.Container, n network, t task) awsecs.FargateService {
	cluster := awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{
		Vpc:                 n.vpc,
		ContainerInsightsV2: awsecs.ContainerInsights_DISABLED,
	})
	pin(cluster, "Cluster")
	suppress(child(cluster), "AwsSolutions-ECS4",
		"Container Insights are billed by the metric. Processor, memory, requests and latency are measured without.")
	service := awsecs.NewFargateService(stack, jsii.String("McpContainer"), &awsecs.FargateServiceProps{
		Cluster:           cluster,
		TaskDefinition:    t.definition,
		SecurityGroups:    &[]awsec2.ISecurityGroup{n.tasks},
		VpcSubnets:        n.taskSubnets,
		AssignPublicIp:    jsii.Bool(c.Network == "public"),
		MinHealthyPercent: jsii.Number(100),
		MaxHealthyPercent: jsii.Number(200),
		CircuitBreaker:    &awsecs.DeploymentCircuitBreaker{Enable: jsii.Bool(true), Rollback: jsii.Bool(true)},
		// Until the first answer to a health check.
		HealthCheckGracePeriod: awscdk.Duration_Seconds(jsii.Number(60)),
		PropagateTags:          awsecs.PropagatedTagSource_SERVICE,
	})
	// A task that starts before it may pull, or before there is a way to the
	// repository, fails; three of them would call the deployment off.
	service.Node().AddDependency(t.definition.ExecutionRole(), n.vpc.SelectSubnets(n.taskSubnets).InternetConnectivityEstablished)
	service.Node().FindChild(jsii.String("Service")).(awscdk.CfnElement).OverrideLogicalId(jsii.String("McpContainer"))
	return service
}

// scale adds and removes tasks: by processor for tools that compute, by requests
// for tools that wait.
func scale(service awsecs.FargateService, c settings.Container, targets awselasticloadbalancingv2.ApplicationTargetGroup) {
	count := service.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: jsii.Number(c.MinTasks), MaxCapacity: jsii.Number(c.MaxTasks),
	})
	count.ScaleOnCpuUtilization(jsii.String("Cpu"), &awsecs.CpuUtilizationScalingProps{TargetUtilizationPercent: jsii.Number(60)})
	count.ScaleOnRequestCount(jsii.String("Requests"), &awsecs.RequestCountScalingProps{
		RequestsPerTarget: jsii.Number(6 * c.CPU), // a minute; 26 a second for a quarter of a processor
		TargetGroup:       targets,
	})
}

// newBalancer declares the internal load balancer. It speaks plain HTTP, inside
// the network only: CloudFront ends TLS, and brings the requests here over a
// connection of AWS's own.
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
		"Only CloudFront reaches it, and the server logs each request with the id of its key. A bucket of access logs would outlive the stack.")
	listener := balancer.AddListener(jsii.String("Http"), &awselasticloadbalancingv2.BaseApplicationListenerProps{
		Port: jsii.Number(balancerPort), Protocol: awselasticloadbalancingv2.ApplicationProtocol_HTTP,
		Open: jsii.Bool(false), // the security group says who may come
	})
	group := &awselasticloadbalancingv2.AddApplicationTargetsProps{
		Port: jsii.Number(settings.ContainerPort), Protocol: awselasticloadbalancingv2.ApplicationProtocol_HTTP,
		Targets: &[]awselasticloadbalancingv2.IApplicationLoadBalancerTarget{service},
		// As long as a task that was asked to end may go on with its calls.
		DeregistrationDelay: seconds(settings.StopTimeout),
		HealthCheck: &awselasticloadbalancingv2.HealthCheck{
			Path: jsii.String(settings.HealthPath), HealthyHttpCodes: jsii.String("200"),
			Interval: awscdk.Duration_Seconds(jsii.Number(10)), Timeout: awscdk.Duration_Seconds(jsii.Number(5)),
			HealthyThresholdCount: jsii.Number(2), UnhealthyThresholdCount: jsii.Number(3),
		},
	}
	if c.Stateful() {
		// A client that keeps cookies stays with the task that has its session.
		group.StickinessCookieDuration = awscdk.Duration_Hours(jsii.Number(12))
	}
	return balancer, listener.AddTargets(jsii.String("Mcp"), group)
}

// taskLogs sends a container's output to a log group.
func taskLogs(group awslogs.ILogGroup) awsecs.LogDriver {
	return awsecs.LogDriver_AwsLogs(&awsecs.AwsLogDriverProps{
		LogGroup: group, StreamPrefix: jsii.String("mcpd"),
		// Rather lose lines than stand still while CloudWatch does not take them.
		Mode: awsecs.AwsLogDriverMode_NON_BLOCKING,
	})
}

// newTaskRole declares a role that tasks of this account's ECS take on.
func newTaskRole(stack awscdk.Stack, id string) awsiam.Role {
	role := awsiam.NewRole(stack, jsii.String(id), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			// Nobody else's, who knows the role's name.
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()}},
		}),
	})
	pin(role, id)
	return role
}
