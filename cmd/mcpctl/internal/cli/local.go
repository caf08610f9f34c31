package cli

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings/dotenv"
)

// LocalUsage is the help text of --local.
const LocalUsage = "work on the server that mcpctl local runs"

// LocalFlag adds --local, which excludes the flags of a [StackTarget] that the command
// has.
func LocalFlag(cmd *cobra.Command, value *bool, usage string) {
	cmd.Flags().BoolVar(value, "local", false, usage)
	for _, name := range []string{"stack", "stage", "region", "profile", "endpoint"} {
		if cmd.Flags().Lookup(name) != nil {
			cmd.MarkFlagsMutuallyExclusive("local", name)
		}
	}
}

// LocalFolder returns the folder with the files of this project's local server.
func LocalFolder(env *Env) (local.Folder, error) {
	root, err := dotenv.Root(env.Dir)
	if err != nil {
		return "", fmt.Errorf("find the local server: %w", err)
	}
	return local.FolderIn(root), nil
}

// LocalState returns the addresses of this project's local server, or
// [local.ErrNotRunning].
func LocalState(env *Env) (local.State, error) {
	folder, err := LocalFolder(env)
	if err != nil {
		return local.State{}, err
	}
	return folder.ReadState()
}

// LocalAWS returns the configuration for the local server's AWS services, which check
// no credentials.
func LocalAWS() aws.Config {
	return aws.Config{Region: "us-east-1", Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
	})}
}
