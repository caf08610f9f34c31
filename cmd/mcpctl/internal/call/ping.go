package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/clients/mcpclient"
)

// bearerHelp explains --bearer, which is not needed at an address that says so.
const bearerHelp = "send the key as Authorization: Bearer, not as x-api-key (always so at /bearer/mcp)"

func newPing(p *program) *cobra.Command {
	var t target
	var count int
	var bearer bool
	cmd := &cobra.Command{
		Use:   "ping",
		Short: "Measure how long the endpoint takes to answer",
		Long: `Measure how long the endpoint takes to answer the smallest request: server/discover
in protocol 2026-07-28, ping before. The first request is counted like the others;
only the one by which an older server is recognised is not. Cold starts cannot be
seen from here: those requests are counted that took far longer than the median.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if count < 1 {
				return fmt.Errorf("-n %d is out of range, need 1 or more", count)
			}
			return p.ping(cmd.Context(), t, count, bearer)
		},
	}
	cmd.Flags().IntVarP(&count, "count", "n", 20, "how many requests, one after the other")
	cmd.Flags().BoolVar(&bearer, "bearer", false, bearerHelp)
	t.flags(cmd)
	return cmd
}

func (p *program) ping(ctx context.Context, t target, count int, bearer bool) error {
	srv, err := p.server(ctx, t)
	if err != nil {
		return err
	}
	p.note("%s, %s", srv.What, srv.URL)
	if srv.Key == "" {
		return errNoKey
	}
	probe := mcpclient.NewProbe(mcpclient.Options{URL: srv.URL, Key: srv.Key, Bearer: bearer})
	times, err := p.pings(ctx, probe, count)
	if len(times) > 0 { // also after Ctrl-C or an error: what there is, is told
		fmt.Fprintln(p.stdout, mcpclient.NewLatency(times))
	}
	if err == nil && len(times) == 0 {
		return errors.New("no request was answered")
	}
	return err
}

// pings sends the requests, until one fails or the context ends.
func (p *program) pings(ctx context.Context, probe *mcpclient.Probe, count int) (times []time.Duration, err error) {
	for range count {
		took, err := probe.Ping(ctx)
		if ctx.Err() != nil {
			return times, nil
		}
		if err != nil {
			return times, err
		}
		times = append(times, took)
		fmt.Fprintf(p.stdout, "%s  %.1f ms\n", probe.Method(), float64(took.Microseconds())/1000)
	}
	return times, nil
}
