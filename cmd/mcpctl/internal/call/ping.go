package call

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/mcpclient"
)

// pingOptions are the flags of mcpctl ping.
type pingOptions struct {
	target cli.Target
	count  int
	bearer bool
}

// NewPing returns the command mcpctl ping.
func NewPing(env *cli.Env) *cobra.Command {
	var o pingOptions
	cmd := &cobra.Command{
		Use:   "ping",
		Short: "Measure the response time of the endpoint",
		Long: `Measure the response time of the smallest request: server/discover in protocol
2026-07-28, ping in older ones. The first request is measured too, unless it only shows
that the server is older. A client cannot observe cold starts, so the command counts the
requests that took far longer than the median.`,
		Example: `  go tool mcpctl ping
  go tool mcpctl ping --stage prod -n 100`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.count < 1 {
				return fmt.Errorf("-n %d is out of range, need 1 or more", o.count)
			}
			return runPing(cmd.Context(), env, o)
		},
	}
	cmd.Flags().IntVarP(&o.count, "count", "n", 20, "number of requests, sent one after the other")
	cmd.Flags().BoolVar(&o.bearer, "bearer", false, cli.BearerHelp)
	o.target.Flags(cmd)
	return cmd
}

func runPing(ctx context.Context, env *cli.Env, o pingOptions) error {
	srv, err := o.target.Find(ctx, env)
	if err != nil {
		return err
	}
	env.Note("%s", srv)
	if err := srv.CheckKey(); err != nil {
		return err
	}
	probe := mcpclient.NewProbe(mcpclient.Options{URL: srv.URL, Key: srv.Key, Bearer: o.bearer})
	times, err := pings(ctx, env, probe, o.count)
	if len(times) > 0 { // print partial results, also after Ctrl-C or an error
		fmt.Fprintln(env.Stdout, mcpclient.NewLatency(times))
	}
	if err == nil && len(times) == 0 {
		return errors.New("interrupted before the first response")
	}
	return err
}

// pings sends requests until count are answered, one fails, or the context ends.
func pings(ctx context.Context, env *cli.Env, probe *mcpclient.Probe, count int) (times []time.Duration, err error) {
	for range count {
		took, err := probe.Ping(ctx)
		if ctx.Err() != nil {
			return times, nil
		}
		if err != nil {
			return times, err
		}
		times = append(times, took)
		fmt.Fprintf(env.Stdout, "%s  %.1f ms\n", probe.Method(), float64(took.Microseconds())/1000)
	}
	return times, nil
}
