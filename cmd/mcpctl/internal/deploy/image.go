package deploy

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/deploy/ociimage"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// imageOptions are the flags of mcpctl image. The zero value assembles the image
// and prints its digest.
type imageOptions struct {
	push            bool
	repository, out string
	region, profile string
}

// NewImage returns the command mcpctl image.
func NewImage(env *cli.Env) *cobra.Command {
	var o imageOptions
	cmd := &cobra.Command{
		Use:   "image",
		Short: "Assemble the container image and push it to ECR, without Docker",
		Long: `Assemble the image of the container shape: the server as a static program and
certificates, nothing else. The command prints the image's digest, which is the same
for the same source. With --push it prints the setting for .env that makes the stack
use the image.

The image is pushed to the repository that cdk bootstrap created for images, unless
--repository names another one of the account.`,
		Example: `  go tool mcpctl image
  go tool mcpctl image --push --region eu-central-1`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runImage(cmd.Context(), env, o) },
	}
	cmd.Flags().BoolVar(&o.push, "push", false, "push the image to ECR")
	cmd.Flags().StringVar(&o.repository, "repository", "", "name of the repository (default: that of cdk bootstrap)")
	cmd.Flags().StringVar(&o.out, "out", "", "write the image to a file that docker load reads")
	cmd.Flags().StringVar(&o.region, "region", "", "AWS region of the registry (default: that of the environment or profile)")
	cmd.Flags().StringVar(&o.profile, "profile", "", "AWS profile (default: AWS_PROFILE, or the profile default)")
	return cmd
}

func runImage(ctx context.Context, env *cli.Env, o imageOptions) error {
	s, err := env.Settings()
	if err != nil {
		return err
	}
	image, err := assemble(ctx, env, s)
	if err != nil {
		return err
	}
	if o.out != "" {
		path := o.out
		if !filepath.IsAbs(path) {
			path = filepath.Join(env.Dir, path)
		}
		if err := ociimage.Save(path, s.ServerName, image); err != nil {
			return err
		}
		env.Note("written to %s", o.out)
	}
	if o.push {
		return pushImage(ctx, env, o, image)
	}
	digest, err := ociimage.Digest(image)
	if err != nil {
		return err
	}
	fmt.Fprintln(env.Stdout, digest)
	return nil
}

// assemble compiles the server and returns the image.
func assemble(ctx context.Context, env *cli.Env, s settings.Settings) (v1.Image, error) {
	root, err := dotenv.Root(env.Dir)
	if err != nil {
		return nil, fmt.Errorf("find the server: %w", err)
	}
	o := bundle.Options{Root: root, GOARCH: bundle.GOARCH(s.Architecture)}
	stop := env.Compiling()
	binary, err := bundle.Program(ctx, o, "cmd/mcpd")
	stop()
	if err != nil {
		return nil, fmt.Errorf("the server does not compile:\n%w", err)
	}
	image, err := ociimage.New(ociimage.Options{Name: "mcpd", Program: binary, Architecture: o.GOARCH, Port: settings.ContainerPort})
	if err != nil {
		return nil, err
	}
	env.Note("linux/%s, program of %.1f MB", o.GOARCH, float64(len(binary))/1e6)
	return image, nil
}

// pushImage pushes the image and prints the setting that makes the stack use it.
func pushImage(ctx context.Context, env *cli.Env, o imageOptions, image v1.Image) error {
	const action = "push the image"
	cfg, err := deployed.Connect(ctx, action, deployed.Options{Region: o.region, Profile: o.profile})
	if err != nil {
		return err
	}
	registry, err := ociimage.Login(ctx, cfg)
	if err != nil {
		return deployed.Explain(action, err, o.profile)
	}
	repository := o.repository
	if repository == "" {
		caller, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			return deployed.Explain(action, err, o.profile)
		}
		repository = bootstrapRepository(*caller.Account, cfg.Region)
	}
	reference, pushed, err := ociimage.Push(ctx, registry.Host+"/"+repository, image, registry.Auth)
	if errors.Is(err, ociimage.ErrNoRepository) {
		return fmt.Errorf("%s: no repository %s in %s: %s", action, repository, cfg.Region, repositoryHint(o))
	}
	if err != nil {
		return deployed.Explain(action, err, o.profile)
	}
	if !pushed {
		env.Note("the repository already has this image")
	}
	env.Note("add this line to .env, then run: npx cdk deploy")
	fmt.Fprintf(env.Stdout, "CONTAINER_IMAGE=%s\n", reference)
	return nil
}

// bootstrapRepository returns the name of the repository that cdk bootstrap creates
// for images, encrypted and with immutable tags. The name contains the CDK's default
// qualifier.
func bootstrapRepository(account, region string) string {
	return "cdk-hnb659fds-container-assets-" + account + "-" + region
}

func repositoryHint(o imageOptions) string {
	if o.repository != "" {
		return "create it with aws ecr create-repository --repository-name " + o.repository
	}
	return "run npx cdk bootstrap, or name another repository with --repository"
}
