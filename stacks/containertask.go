package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// A task is the task definition and its only container.
type task struct {
	definition awsecs.FargateTaskDefinition
	container  awsecs.ContainerDefinition
}

// taskOptions are the server's inputs. No field has a default.
type taskOptions struct {
	env     map[string]string
	secrets []string // ARNs of the secrets that its role may read
}

// newTask declares the task definition with two roles: the server's role, which can read
// its secrets, and the execution role, with which ECS pulls the image and writes the log.
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
		User:                   jsii.String("65532:65532"), // as in the image's configuration
		StopTimeout:            seconds(settings.StopTimeout),
	})
	suppress(child(definition), "AwsSolutions-ECS2",
		"The environment has names, levels and ARNs. The server reads keys and secrets from Secrets Manager.")
	// The CDK creates the policy only when it adds the image and the log.
	suppress(child(execution.Node().FindChild(jsii.String("DefaultPolicy"))), "AwsSolutions-IAM5",
		"ecr:GetAuthorizationToken does not support resources. The token allows pulling from one repository only.")
	return task{definition, container}
}

// newSessionSecret declares the secret with which tasks seal session ids. Secrets
// Manager generates it; any change of this block generates another one, which ends
// every session.
func newSessionSecret(stack awscdk.Stack) awssecretsmanager.CfnSecret {
	return newSecret(stack, settings.SessionSecretID, &awssecretsmanager.CfnSecretProps{
		Description: jsii.String("Secret with which the container's tasks seal session ids"),
		GenerateSecretString: &awssecretsmanager.CfnSecret_GenerateSecretStringProperty{
			ExcludePunctuation: jsii.Bool(true), PasswordLength: jsii.Number(48),
		},
	}, "It seals session ids, which live in tasks' memory for minutes. Rotation would end all sessions without a benefit.")
}

// image returns the server's image and allows ECS to pull from its repository.
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
