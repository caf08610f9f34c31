package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/service/sts"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/spf13/cobra"

	"serverless-mcp/internal/deploy/bundle"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/deploy/ociimage"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// imageOptions are the flags of mcpctl image. The zero value assembles the
// image and does nothing with it.
type imageOptions struct {
	push            bool
	repository, out string
	region, profile string
}

func newImage(p *program) *cobra.Command {
	var o imageOptions
	cmd := &cobra.Command{
		Use:   "image",
		Short: "Assemble the container image, and push it to ECR; takes no Docker",
		Long: `Assemble the image of the container shape: the server as a static program,
certificates, and nothing else. Prints its digest, which is the same for the same
source. With --push, prints the line for .env that the stack takes it by.

It goes to the repository that the CDK's bootstrap has made for images, unless
--repository names another one of the account.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.image(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.push, "push", false, "push it to ECR")
	cmd.Flags().StringVar(&o.repository, "repository", "", "name of the repository (default: the one of cdk bootstrap)")
	cmd.Flags().StringVar(&o.out, "out", "", "write it to a file that docker load reads")
	cmd.Flags().StringVar(&o.region, "region", "", "AWS region of the registry (default: as the AWS CLI)")
	cmd.Flags().StringVar(&o.profile, "profile", "", "AWS profile (default: as the AWS CLI)")
	return cmd
}

func (p *program) image(ctx context.Context, o imageOptions) error {
	s, err := p.settings()
	if err != nil {
		return err
	}
	image, err := p.assemble(ctx, s)
	if err != nil {
		return err
	}
	if o.out != "" {
		path := o.out
		if !filepath.IsAbs(path) {
			path = filepath.Join(p.dir, path)
		}
		if err := ociimage.Save(path, s.ServerName, image); err != nil {
			return err
		}
		p.note("written to %s", o.out)
	}
	if o.push {
		return p.pushImage(ctx, o, image)
	}
	digest, err := ociimage.Digest(image)
	if err != nil {
		return err
	}
	fmt.Fprintln(p.stdout, digest)
	return nil
}

// assemble compiles the server and makes the image.
func (p *program) assemble(ctx context.Context, s settings.Settings) (v1.Image, error) {
	root, err := dotenv.Root(p.dir)
	if err != nil {
		return nil, fmt.Errorf("find the server: %w", err)
	}
	o := bundle.Options{Root: root, GOARCH: bundle.GOARCH(s.Architecture)}
	binary, err := bundle.Program(ctx, o, "cmd/mcpd")
	if err != nil {
		return nil, fmt.Errorf("the server does not compile:\n%w", err)
	}
	image, err := ociimage.New(ociimage.Options{Name: "mcpd", Program: binary, Architecture: o.GOARCH, Port: settings.ContainerPort})
	if err != nil {
		return nil, err
	}
	p.note("linux/%s, program of %.1f MB", o.GOARCH, float64(len(binary))/1e6)
	return image, nil
}

// pushImage pushes, and prints the setting by which the stack takes the image.
func (p *program) pushImage(ctx context.Context, o imageOptions, image v1.Image) error {
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
		p.note("the repository has it already")
	}
	p.note("put this line into .env, then: npx cdk deploy")
	fmt.Fprintf(p.stdout, "CONTAINER_IMAGE=%s\n", reference)
	return nil
}

// bootstrapRepository is where the CDK puts images: every account that has been
// bootstrapped has it, encrypted, with tags that cannot be changed. The
// qualifier in it is the default one.
func bootstrapRepository(account, region string) string {
	return "cdk-hnb659fds-container-assets-" + account + "-" + region
}

func repositoryHint(o imageOptions) string {
	if o.repository != "" {
		return "create it with aws ecr create-repository --repository-name " + o.repository
	}
	return "run npx cdk bootstrap, or name another with --repository"
}
