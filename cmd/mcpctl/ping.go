package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/mcpclient"
	"serverless-mcp/internal/pingstat"
)

func newPing(p *program) *cobra.Command {
	var t target
	var count int
	cmd := &cobra.Command{
		Use:   "ping",
		Short: "Measure how long the endpoint takes to answer",
		Long: `Measure how long the endpoint takes to answer the smallest request: server/discover
in protocol 2026-07-28, ping before. The first request is counted like the others.
Cold starts cannot be seen from here; those are counted that took far longer than
the median.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if count < 1 {
				return fmt.Errorf("-n %d is out of range, need 1 or more", count)
			}
			return p.ping(cmd.Context(), t, count)
		},
	}
	cmd.Flags().IntVarP(&count, "count", "n", 10, "how many requests, one after the other")
	t.flags(cmd)
	return cmd
}

func (p *program) ping(ctx context.Context, t target, count int) error {
	srv, err := p.server(ctx, t)
	if err != nil {
		return err
	}
	p.note("%s, %s", srv.What, srv.URL)
	if srv.Key == "" {
		return errNoKey
	}
	probe := mcpclient.NewProbe(mcpclient.Options{URL: srv.URL, Key: srv.Key})
	var times []time.Duration
	for range count {
		begun := time.Now()
		err := probe.Ping(ctx)
		took := time.Since(begun)
		if ctx.Err() != nil {
			break // Ctrl-C: what there is, is told
		}
		if err != nil {
			return err
		}
		times = append(times, took)
		fmt.Fprintf(p.stdout, "%s  %.1f ms\n", probe.Method(), float64(took.Microseconds())/1000)
	}
	if len(times) == 0 {
		return errors.New("no request was answered")
	}
	fmt.Fprintln(p.stdout, pingstat.Of(times))
	return nil
}
