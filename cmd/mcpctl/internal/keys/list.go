package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/keys/apikey"
)

func newKeysList(p *program) *cobra.Command {
	var t keysTarget
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the keys: never a key or its hash",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := p.keyholder(cmd.Context(), t)
			if err != nil {
				return err
			}
			registry, err := h.Read(cmd.Context())
			if err != nil {
				return h.explained(err)
			}
			rows := rows(registry.Document, h.DefaultKey != "", p.clock.Now())
			if asJSON {
				return p.printJSON(rows)
			}
			if err := p.printRows(rows); err != nil {
				return err
			}
			p.noteShared(cmd.Context(), h, registry.Document)
			p.note("%d issued, room for about %d more", len(registry.Document.Keys), registry.KeysThatFit())
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	t.flags(cmd)
	return cmd
}

// row is a key as people may see it.
type row struct {
	Name    string     `json:"name"`
	Tools   []string   `json:"tools"` // null means all
	Created *time.Time `json:"created,omitempty"`
	Expires *time.Time `json:"expires,omitempty"`
	State   string     `json:"state"`
	Note    string     `json:"note,omitempty"`
}

// States of a key.
const (
	active   = "active"
	expired  = "expired"
	inGrace  = "grace" // a newer key has its name; it works until it expires
	unlisted = "deployment"
)

// rows are sorted by name, an older key before the newer one.
func rows(d apikey.Document, deployment bool, now time.Time) []row {
	all := []row{}
	for _, k := range d.Keys {
		r := row{Name: k.ID, Tools: k.Tools, Created: moment(k.Created), Expires: moment(k.Expires), State: active, Note: k.Note}
		newest, _ := d.Current(k.ID)
		switch {
		case k.Principal().Expired(now):
			r.State = expired
		case newest.SHA256 != k.SHA256:
			r.State = inGrace
		}
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b row) int { return cmp.Compare(a.Name, b.Name) })
	if deployment {
		all = slices.Insert(all, 0, row{Name: apikey.DefaultID, State: unlisted})
	}
	return all
}

func (p *program) printRows(rows []row) error {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tTOOLS\tCREATED\tEXPIRES\tSTATE\tNOTE")
	for _, r := range rows {
		name := r.Name
		if r.State == unlisted {
			name, r.State = "default (deployment)", active
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", name, toolList(r.Tools), day(r.Created, "-"), day(r.Expires, "never"), r.State, oneLine(r.Note))
	}
	return w.Flush()
}

func moment(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

func day(at *time.Time, without string) string {
	if at == nil {
		return without
	}
	return date(*at)
}

// date is as exact as anybody needs it.
func date(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

func toolList(tools []string) string {
	switch {
	case tools == nil:
		return "all"
	case len(tools) == 0:
		return "none"
	}
	return strings.Join(tools, ",")
}

// oneLine keeps a note from changing the table, or the terminal.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }), " ")
}
