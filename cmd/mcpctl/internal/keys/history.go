package keys

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/printable"
	"serverless-mcp/internal/keys/keyregistry"
)

// historyOptions are the flags of mcpctl keys history.
type historyOptions struct {
	target targetFlags
	proof  bool
	json   bool
}

func newHistory(env *cli.Env) *cobra.Command {
	var o historyOptions
	cmd := &cobra.Command{
		Use:   "history",
		Short: "Show who changed the key registry, when and how",
		Long: `Show who changed the key registry, when and how, from the versions of the secret
that still exist. Secrets Manager keeps about 100 versions, each for at least a day.
What changed is computed from the versions themselves; a record that disagrees, and a
version without a record, are marked with !.

A record is written by mcpctl, so a principal that may write the secret can forge it. With
--proof each version is compared with CloudTrail's event of its write, which cannot be
forged, and moves of AWSCURRENT not made by mcpctl are shown. This needs the permission
cloudtrail:LookupEvents, covers the last 90 days, and takes half a second for each 50
events of the account.`,
		Example: `  go tool mcpctl keys history
  go tool mcpctl keys history --proof --stage prod`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runHistory(cmd.Context(), env, o) },
	}
	cmd.Flags().BoolVar(&o.proof, "proof", false, "compare with the events of CloudTrail")
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	o.target.flags(cmd)
	return cmd
}

// historyRow is a version, or a move of AWSCURRENT that mcpctl did not make.
type historyRow struct {
	At      time.Time `json:"at"`
	By      string    `json:"by,omitempty"`
	Tool    string    `json:"tool,omitempty"`
	Version string    `json:"version"`
	Current bool      `json:"current,omitempty"`
	What    []string  `json:"what"`
	Proof   string    `json:"proof,omitempty"`
	Marks   []string  `json:"marks,omitempty"` // what is unusual
}

func runHistory(ctx context.Context, env *cli.Env, o historyOptions) error {
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	if o.proof && t.trail == nil {
		return errors.New("--proof needs CloudTrail, which the local server does not have")
	}
	entries, err := t.History(ctx)
	if err != nil {
		return t.explained(err)
	}
	var rows []historyRow
	for i, e := range entries {
		rows = append(rows, newHistoryRow(e))
		if e.Current && i < len(entries)-1 && !o.proof {
			rows[i].Marks = append(rows[i].Marks, "later versions exist: AWSCURRENT was moved back, or their writers lost a race; --proof shows which")
		}
	}
	if o.proof && len(entries) > 0 {
		if rows, err = prove(ctx, env, t, entries, rows); err != nil {
			return err
		}
	}
	if o.json {
		return env.PrintJSON(rows)
	}
	return printHistory(env, rows, len(entries))
}

func newHistoryRow(e keyregistry.Entry) historyRow {
	r := historyRow{At: e.Created, Version: e.Version, Current: e.Current, What: e.What}
	if e.Recorded {
		r.By, r.Tool = cmp.Or(e.Change.By, "unknown"), e.Change.Tool
	} else {
		r.Marks = append(r.Marks, "no record: written by another program, or by an older mcpctl")
	}
	switch {
	case e.Problem != "":
		r.Marks = append(r.Marks, e.Problem)
	case !e.Compared && e.Recorded:
		r.What = e.Change.What // the version before no longer exists
	case e.Mismatch():
		r.Marks = append(r.Marks, "the record lists other changes: "+strings.Join(e.Change.What, ", "))
	}
	return r
}

// prove adds what CloudTrail shows: the event of each version, and moves of AWSCURRENT
// that mcpctl did not make.
func prove(ctx context.Context, env *cli.Env, t *keyTarget, entries []keyregistry.Entry, rows []historyRow) ([]historyRow, error) {
	progress := cli.Progress{Env: env}
	defer progress.End()
	events, err := t.Events(ctx, t.trail, entries[0].Created.Add(-time.Hour), func(read int) {
		progress.Show("reading events of CloudTrail", fmt.Sprintf(", %d", read))
	})
	if err != nil {
		return nil, t.explained(err)
	}
	now := env.Clock.Now()
	puts := map[string]keyregistry.Event{}
	for _, e := range events {
		if _, again := puts[e.Version]; !e.Moved && !again { // a repeated put of the same value changes nothing
			puts[e.Version] = e
		}
	}
	for i, e := range entries {
		proveVersion(&rows[i], e, puts, now)
	}
	promoted := map[string]bool{}
	for _, e := range events {
		if !e.Moved {
			continue
		}
		if !isPromotion(e, puts[e.Version]) || promoted[e.Version] {
			rows = append(rows, historyRow{At: e.At, By: e.By, Version: e.Version, What: []string{"make this version current"}, Proof: "event", Marks: []string{"AWSCURRENT was moved, but not by mcpctl"}})
		}
		promoted[e.Version] = true
	}
	slices.SortStableFunc(rows, func(a, b historyRow) int { return a.At.Compare(b.At) })
	return rows, nil
}

func proveVersion(r *historyRow, e keyregistry.Entry, puts map[string]keyregistry.Event, now time.Time) {
	event, found := puts[e.Version]
	switch {
	case found && e.Recorded && event.By != e.Change.By:
		r.Proof = "differs"
		r.Marks = append(r.Marks, "the event names another author: "+event.By)
	case found:
		r.Proof, r.By = "event", event.By
	case now.Sub(e.Created) > keyregistry.EventsKept:
		r.Proof = "too old"
	case now.Sub(e.Created) < keyregistry.EventsDelay:
		r.Proof = "too recent"
	default:
		r.Proof = "none"
		r.Marks = append(r.Marks, "CloudTrail has no event with this version's id")
	}
}

// promotionTime is how long mcpctl may take from the put of a version to the move of
// AWSCURRENT.
const promotionTime = 5 * time.Minute

// isPromotion reports whether a move is the second step of the change that put the version:
// it is by the same author, and soon after the put.
func isPromotion(move, put keyregistry.Event) bool {
	after := move.At.Sub(put.At)
	return put.Version != "" && !put.Current && put.By == move.By && after >= 0 && after < promotionTime
}

func printHistory(env *cli.Env, rows []historyRow, versions int) error {
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TIME\tBY\tWITH\tWHAT\tVERSION\tPROOF")
	for _, r := range rows {
		what := strings.Join(r.What, ", ")
		if r.Current {
			what = strings.TrimPrefix(what+" (current)", " ")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.8s\t%s\n", date(r.At), printable.Line(cmp.Or(r.By, "-")), printable.Line(cmp.Or(r.Tool, "-")), printable.Line(cmp.Or(what, "-")), r.Version, cmp.Or(r.Proof, "-"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range rows {
		for _, mark := range r.Marks {
			fmt.Fprintf(env.Stdout, "! %s %.8s: %s\n", date(r.At), r.Version, printable.Line(mark))
		}
	}
	env.Note("%d versions exist; Secrets Manager keeps about 100, so earlier changes may be missing", versions)
	return nil
}
