package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// A task is what is run, and its only container.
type task struct {
	definition awsecs.FargateTaskDefinition
	container  awsecs.ContainerDefinition
}

// taskOptions are what the server is given. No field has a default.
type taskOptions struct {
	env     map[string]string
	secrets []string // ARNs of what its role may read
}

// newTask declares the task. Two roles: the server has the one that can read its
// secrets; the other is for ECS, which pulls the image and writes the log.
func newTask(stack awscdk.Stack, p Props, c settings.Container, logs awslogs.LogGroup, o taskOptions) task {
	role := newTaskRole(stack, "McpContainerRole")
	allow(role, o.secrets, "secretsmanager:GetSecretValue")

	execution := newTaskRole(stack, "McpContainerExecutionRole")
	definition := awsecs.NewFargateTaskDefinition(stack, jsii.String("McpContainerTask"), &awsecs.FargateTaskDefinitionProps{
		Cpu: jsii.Number(c.CPU), MemoryLimitMiB: jsii.Number(c.MemoryMB()),
		RuntimePlatform: &awsecs.RuntimePlatform{
			OperatingSystemFamily: awsecs.OperatingSystemFamily_LINUX(),
			CpuArchitecture:       cpuArchitecture(p.Settings),
		},
		TaskRole: role, ExecutionRole: execution,
	})
	env := pointers(o.env)
	(*env)["AWS_REGION"] = stack.Region()
	container := definition.AddContainer(jsii.String("mcpd"), &awsecs.ContainerDefinitionOptions{
		Image:                  image(stack, c),
		Environment:            env,
		Logging:                taskLogs(logs),
		PortMappings:           &[]*awsecs.PortMapping{{ContainerPort: jsii.Number(settings.ContainerPort)}},
		ReadonlyRootFilesystem: jsii.Bool(true),
		User:                   jsii.String("65532:65532"), // as the image says itself
		StopTimeout:            seconds(settings.StopTimeout),
	})
	suppress(child(definition), "AwsSolutions-ECS2",
		"The environment has names, levels and ARNs. Keys and secrets are in Secrets Manager, where the server reads them.")
	// Its policy is what the CDK adds for the image and the log: only now is it there.
	suppress(child(execution.Node().FindChild(jsii.String("DefaultPolicy"))), "AwsSolutions-IAM5",
		"ecr:GetAuthorizationToken knows no resources. What may be pulled with the token is one repository.")
	return task{definition, container}
}

// newSessionSecret declares what tasks seal session ids with. Secrets Manager
// makes it up; any change in here makes a new one, with which every session ends.
func newSessionSecret(stack awscdk.Stack) awssecretsmanager.CfnSecret {
	return newSecret(stack, settings.SessionSecretID, &awssecretsmanager.CfnSecretProps{
		Description: jsii.String("What the container's tasks seal session ids with"),
		GenerateSecretString: &awssecretsmanager.CfnSecret_GenerateSecretStringProperty{
			ExcludePunctuation: jsii.Bool(true), PasswordLength: jsii.Number(48),
		},
	}, "It seals ids that live for minutes, in the memory of tasks. A new one would end all sessions, for nothing.")
}

// image is the server's, from a repository that ECS is allowed to pull from.
func image(stack awscdk.Stack, c settings.Container) awsecs.ContainerImage {
	from, ok := c.ImageReference()
	if !ok {
		return awsecs.ContainerImage_FromRegistry(jsii.String("none"), nil)
	}
	repository := awsecr.Repository_FromRepositoryAttributes(stack, jsii.String("Images"), &awsecr.RepositoryAttributes{
		RepositoryArn:  jsii.String("arn:" + *stack.Partition() + ":ecr:" + from.Region + ":" + from.Account + ":repository/" + from.Repository),
		RepositoryName: jsii.String(from.Repository),
	})
	return awsecs.ContainerImage_FromEcrRepository(repository, jsii.String(from.Digest))
}

func cpuArchitecture(s settings.Settings) awsecs.CpuArchitecture {
	if s.Architecture == "x86_64" {
		return awsecs.CpuArchitecture_X86_64()
	}
	return awsecs.CpuArchitecture_ARM64()
}

// seconds is a duration as the CDK takes it.
func seconds(d time.Duration) awscdk.Duration {
	return awscdk.Duration_Seconds(jsii.Number(d.Seconds()))
}

// child is the CloudFormation resource of a construct that has one.
func child(c constructs.IConstruct) awscdk.CfnResource {
	return c.Node().DefaultChild().(awscdk.CfnResource)
}
