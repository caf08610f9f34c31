package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/clients/mcpclient"
	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/devserver/local"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/settings/dotenv"
)

// A target says which server a command is about. Without any flag that is the
// local one if it runs, else the deployed stack of the settings.
type target struct {
	local bool
	url   string
	stackTarget
}

// stackTarget says which deployed stack a command is about.
type stackTarget struct {
	stack, stage, region, profile string
	given                         bool // by a flag
}

// A server is what a target turned out to be.
type server struct {
	URL  string
	Key  string // empty if none is known here
	What string // what it is, for people
	// KeyFile is the file that the key comes from; empty if it comes from none.
	KeyFile string
	// Stack is the deployed stack that it belongs to; nil if none is known.
	Stack *deployed.Stack
}

// flags adds the target's flags to a command.
func (t *target) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&t.local, "local", false, "the server that mcpctl local runs")
	cmd.Flags().StringVar(&t.url, "url", "", "a server by its endpoint; the key comes from MCP_API_KEY")
	t.stackTarget.flags(cmd)
	cmd.MarkFlagsMutuallyExclusive("local", "url", "stack")
	cmd.MarkFlagsMutuallyExclusive("local", "url", "stage")
	cmd.MarkFlagsMutuallyExclusive("local", "url", "region")
	cmd.MarkFlagsMutuallyExclusive("local", "url", "profile")
}

func (t *stackTarget) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.stack, "stack", "", "the deployed stack (default: STACK_NAME of the settings)")
	cmd.Flags().StringVar(&t.stage, "stage", "", "its stage (default: STAGE of the settings)")
	cmd.Flags().StringVar(&t.region, "region", "", "AWS region (default: as the AWS CLI)")
	cmd.Flags().StringVar(&t.profile, "profile", "", "AWS profile (default: as the AWS CLI)")
	before := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		for _, name := range []string{"stack", "stage", "region", "profile"} {
			t.given = t.given || cmd.Flags().Changed(name)
		}
		if before != nil {
			return before(cmd, args)
		}
		return nil
	}
}

// server finds the server.
func (p *program) server(ctx context.Context, t target) (server, error) {
	if t.url != "" {
		return server{URL: t.url, Key: p.getenv("MCP_API_KEY"), What: t.url}, mcpclient.CheckURL(t.url)
	}
	if t.given {
		return p.deployedServer(ctx, t.stackTarget)
	}
	s, noLocal := p.localServer()
	if noLocal == nil || t.local || !errors.Is(noLocal, local.ErrNotRunning) && !errors.Is(noLocal, dotenv.ErrNoProject) {
		return s, noLocal
	}
	s, err := p.deployedServer(ctx, t.stackTarget)
	if err != nil && errors.Is(noLocal, local.ErrNotRunning) {
		err = fmt.Errorf("no local server is running (go tool mcpctl local starts one), and the deployed one is not found: %w", err)
	}
	return s, err
}

// localServer finds what mcpctl local runs for this project.
func (p *program) localServer() (server, error) {
	root, err := dotenv.Root(p.dir)
	if err != nil {
		return server{}, fmt.Errorf("find the local server: %w", err)
	}
	folder := local.FolderIn(root)
	state, err := folder.ReadState()
	if err != nil {
		return server{}, err
	}
	key, file := p.getenv("MCP_API_KEY"), ""
	if key == "" && state.KeyFile != "" {
		file = folder.Path(state.KeyFile)
		if key, err = folder.Read(state.KeyFile); err != nil {
			return server{}, err
		}
	}
	if key == "" {
		key = p.settingsKey()
	}
	return server{URL: state.URL, Key: key, What: "the local server", KeyFile: file}, nil
}

// deployedServer finds a stack's endpoint by its outputs.
func (p *program) deployedServer(ctx context.Context, t stackTarget) (server, error) {
	stack, err := p.deployed(ctx, t)
	if err != nil {
		return server{}, err
	}
	endpoint, err := stack.Output("McpEndpoint")
	if err != nil {
		return server{}, err
	}
	key := p.getenv("MCP_API_KEY")
	if key == "" {
		key = p.settingsKey()
	}
	return server{URL: endpoint, Key: key, What: stack.String(), Stack: stack}, nil
}

// deployed looks a stack up.
func (p *program) deployed(ctx context.Context, t stackTarget) (*deployed.Stack, error) {
	o, err := p.stackOptions(t)
	if err != nil {
		return nil, err
	}
	return deployed.Find(ctx, o)
}

// stackOptions say which stack is meant. Its name comes from the flags, else
// from the settings, of which no other has to be right.
func (p *program) stackOptions(t stackTarget) (deployed.Options, error) {
	s, err := p.settings()
	if err != nil && t.stack == "" {
		return deployed.Options{}, err
	}
	if t.stack != "" {
		s.StackName, s.Stage = t.stack, "" // a whole name, unless a stage is named too
	}
	if t.stage != "" {
		s.Stage = t.stage
	}
	return deployed.Options{Name: s.FullStackName(), Region: t.region, Profile: cmp.Or(t.profile, p.getenv("AWS_PROFILE"))}, nil
}

// settingsKey is API_KEY of the settings, "" where there is none.
func (p *program) settingsKey() string {
	s, _ := p.settings() // a mistake elsewhere in .env must not hide the key
	if s.APIKey == settings.NoKey {
		return ""
	}
	return s.APIKey
}
