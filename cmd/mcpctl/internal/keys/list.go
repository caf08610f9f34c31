package keys

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/clients/printable"
	"serverless-mcp/internal/keys/apikey"
)

// listOptions are the flags of mcpctl keys list.
type listOptions struct {
	target targetFlags
	json   bool
}

func newList(env *cli.Env) *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys, without the keys themselves or their hashes",
		Example: `  go tool mcpctl keys list
  go tool mcpctl keys list --stage prod --json`,
		Args: cli.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runList(cmd.Context(), env, o) },
	}
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	o.target.flags(cmd)
	return cmd
}

func runList(ctx context.Context, env *cli.Env, o listOptions) error {
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	registry, err := t.Read(ctx)
	if err != nil {
		return t.explained(err)
	}
	text, err := registry.Document.Marshal()
	if err != nil {
		return err
	}
	rows := rows(registry.Document, t.DefaultKey != "", env.Clock.Now())
	if o.json {
		return env.PrintJSON(rows)
	}
	if err := printRows(env, rows); err != nil {
		return err
	}
	noteDeploymentKey(ctx, env, t, registry.Document)
	for _, k := range registry.Document.Keys {
		if newer := k.NotUnderstood(apikey.Fields()); len(newer) > 0 {
			env.Note("%s has a restriction that this mcpctl does not understand (%s)", k.ID, printable.Line(strings.Join(newer, ", ")))
		}
	}
	env.Note("%d issued, room for about %d more", len(registry.Document.Keys), room(text))
	return nil
}

// typicalEntry is the size in bytes of a registry entry with a name and an expiry.
const typicalEntry = 150

// room returns how many more such entries fit into the registry. It does not use the size
// of the existing entries, because then one long note would change the result by hundreds.
func room(document []byte) int { return max(apikey.MaxDocument-len(document), 0) / typicalEntry }

// row is a key without anything secret.
type row struct {
	Name    string     `json:"name"`
	Tools   []string   `json:"tools"` // null means all
	Created *time.Time `json:"created,omitempty"`
	Expires *time.Time `json:"expires,omitempty"`
	Limits  string     `json:"limits,omitempty"` // such as "60/m 5000/d"
	State   string     `json:"state"`
	Note    string     `json:"note,omitempty"`
}

// States of a key.
const (
	stateActive     = "active"
	stateExpired    = "expired"
	stateGrace      = "grace"      // replaced by rotation, accepted until it expires
	stateDeployment = "deployment" // in DefaultKey, not in the registry
)

// rows returns the keys sorted by name, and keys with the same name by age, oldest first.
// If the deployment has a key, it is the first row.
func rows(d apikey.Document, deployment bool, now time.Time) []row {
	all := []row{}
	for _, k := range d.Keys {
		r := row{Name: k.ID, Tools: k.Tools, Created: optional(k.Created), Expires: optional(k.Expires), State: stateActive, Note: k.Note, Limits: k.Limits.String()}
		newest, _ := d.Current(k.ID)
		switch {
		case k.Expired(now):
			r.State = stateExpired
		case newest.SHA256 != k.SHA256:
			r.State = stateGrace
		}
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b row) int { return cmp.Compare(a.Name, b.Name) })
	if deployment {
		all = slices.Insert(all, 0, row{Name: apikey.DefaultID, State: stateDeployment})
	}
	return all
}

func printRows(env *cli.Env, rows []row) error {
	w := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
	limited := slices.ContainsFunc(rows, func(r row) bool { return r.Limits != "" })
	header := "NAME\tTOOLS\tCREATED\tEXPIRES\tSTATE\tNOTE"
	if limited {
		header = strings.Replace(header, "CREATED", "LIMITS\tCREATED", 1)
	}
	fmt.Fprintln(w, header)
	for _, r := range rows {
		name, limits := r.Name, ""
		if limited {
			limits = "\t" + cmp.Or(r.Limits, "-")
		}
		if r.State == stateDeployment {
			name, r.State = "default (deployment)", stateActive
		}
		fmt.Fprintf(w, "%s\t%s%s\t%s\t%s\t%s\t%s\n", name, toolList(r.Tools), limits, optionalDate(r.Created, "-"), optionalDate(r.Expires, "never"), r.State, printable.Line(r.Note))
	}
	return w.Flush()
}

// optional returns nil for the zero time.
func optional(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// optionalDate formats a time; nil gives the text without.
func optionalDate(at *time.Time, without string) string {
	if at == nil {
		return without
	}
	return date(*at)
}

// date formats a time to the minute.
func date(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// toolList formats the tools of a key; nil means all.
func toolList(tools []string) string {
	switch {
	case tools == nil:
		return "all"
	case len(tools) == 0:
		return "none"
	}
	return strings.Join(tools, ",")
}
