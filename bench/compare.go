package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"text/tabwriter"

	"serverless-mcp/bench/event"
	"serverless-mcp/bench/measure"
	"serverless-mcp/bench/peer"
	"serverless-mcp/internal/settings"
)

// The effort of a comparison: many short rounds, because the differences are only a few
// percent.
const (
	comparedProcesses = 6
	comparedColds     = 20
)

var comparedPlan = measure.Plan{WarmUp: 500, Rounds: 300, Calls: 40}

// compare prints the CPU time of the MCP function with each feature, as a multiple of the
// function without the feature or, with --against, of the function of another revision. It
// also compares the base with a copy of the base, which shows how exact the results are.
func compare(ctx context.Context, o options, stdout, stderr io.Writer) error {
	b, done, err := prepare(ctx, peer.Options{}, stderr)
	if err != nil {
		return err
	}
	defer done()
	ours, err := b.Set.Find(peer.Ours)
	if err != nil {
		return err
	}
	base, others := ours, features(ours)
	if o.against != "" {
		if base, err = b.Set.AtRevision(ctx, o.against); err != nil {
			return err
		}
		others = []peer.Peer{ours}
	}
	control := base
	control.ID, control.Title = "control", "control: the base again"
	others = append(others, control)

	older, err := b.Compare(ctx, base, others, event.Call(event.Older), comparedProcesses, comparedPlan)
	if err != nil {
		return err
	}
	newer, err := b.Compare(ctx, base, others, event.Call(event.Newer), comparedProcesses, comparedPlan)
	if err != nil {
		return err
	}
	cold, err := b.Cold(ctx, append(others, base), 0, comparedColds)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "CPU time, as a multiple of %s\twarm, %s\twarm, %s\tstart\t\n", base.Title, event.Older, event.Newer)
	first := others[0].ID
	fmt.Fprintf(table, "%s itself\t%v\t%v\t%v\t\n", base.Title, older[first].Base.Median(), newer[first].Base.Median(), cold[base.ID].CPU.Median())
	for _, p := range others {
		start := float64(cold[p.ID].CPU.Median()) / float64(cold[base.ID].CPU.Median())
		fmt.Fprintf(table, "%s\t%s\t%s\t%.2f\t\n", p.Title, ratio(older[p.ID]), ratio(newer[p.ID]), start)
	}
	return table.Flush()
}

// features returns our function with one feature enabled at a time. The calls use a key that
// does not use the feature.
func features(ours peer.Peer) []peer.Peer {
	var list []peer.Peer
	add := func(title string, env map[string]string) {
		p := ours
		p.ID, p.Title, p.Env = title, title, maps.Clone(ours.Env)
		maps.Copy(p.Env, env)
		list = append(list, p)
	}
	with := func(s settings.Settings) map[string]string {
		s.ServerName, s.LogLevel = "bench", "INFO"
		return s.MCPEnv(nil)
	}
	var metrics, signin settings.Settings
	metrics.Watch.Metrics = "true"
	signin.Signin = settings.Signin{Issuer: "https://login.example.com", Tools: "everyone=*"}
	add("metrics", with(metrics))
	add("limits", map[string]string{settings.EnvLimitsTable: "limits"})
	add("sign-in", with(signin))
	return list
}

// ratio formats a ratio with its confidence interval.
func ratio(c measure.Comparison) string {
	median, low, high := c.Ratio()
	return fmt.Sprintf("%.3f (%.3f–%.3f)", median, low, high)
}
