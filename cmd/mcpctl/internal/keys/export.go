package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
)

func newKeysExport(p *program) *cobra.Command {
	var t keysTarget
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print the registry, with hashes and without keys, for restore",
		Example: `  go tool mcpctl keys export > keys.json
  go tool mcpctl keys export --stage dev | go tool mcpctl keys restore - --stage qa --yes`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := p.keyholder(cmd.Context(), t)
			if err != nil {
				return err
			}
			registry, err := h.Read(cmd.Context())
			if err != nil {
				return h.explained(err)
			}
			text, err := registry.Document.Marshal()
			if err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, string(text))
			return nil
		},
	}
	t.flags(cmd)
	return cmd
}

func newKeysRestore(p *program) *cobra.Command {
	var t keysTarget
	var yes bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put an exported registry in the place of the one that is there",
		Long: `Put an exported registry, from a file or with - from standard input, in the place of
the one that is there. Keys that are not in it stop working, and the command waits
until they do. With MCP_API_KEY set to one that is in it, that is tried.`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			data, err := p.readFile(args[0])
			if err != nil {
				return err
			}
			d, err := apikey.ParseDocument(data)
			if err != nil {
				return fmt.Errorf("restore %s: %w", args[0], err)
			}
			return p.restore(cmd.Context(), t, d, yes)
		},
	}
	yesFlag(cmd, &yes)
	t.flags(cmd)
	return cmd
}

func (p *program) restore(ctx context.Context, t keysTarget, d apikey.Document, yes bool) error {
	h, err := p.keyholder(ctx, t)
	if err != nil {
		return err
	}
	before, err := h.Read(ctx)
	if err != nil {
		return h.explained(err)
	}
	p.warnOfShared(ctx, h, d.Keys)
	p.warnOfReopened(ctx, h, before.Document, d)
	if err := p.confirm(yes, "Replace the %d keys that are there by %d?", len(before.Document.Keys), len(d.Keys)); err != nil {
		return err
	}
	narrowed := false
	replace := keyregistry.Replacing(d)
	written, err := h.change(ctx, p, keyregistry.Issuing, func(now apikey.Document) (apikey.Document, error) {
		narrowed = narrows(now, d)
		return replace(now)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%d keys are in the registry\n", len(d.Keys))
	err = p.tryRestored(ctx, h, d, written.At)
	if !narrowed {
		return err
	}
	if err != nil {
		p.noteFlush()
		return err
	}
	if err := p.enforce(ctx, h, written.At, ""); err != nil {
		return fmt.Errorf("the registry is replaced, but the gateway may go on letting in keys that are not in it: %w", err)
	}
	return nil
}

// tryRestored empties the gateway's cache and, with one of the keys at hand,
// says when it works.
func (p *program) tryRestored(ctx context.Context, h *keyholder, d apikey.Document, written time.Time) error {
	plain := p.getenv("MCP_API_KEY")
	for _, k := range d.Keys {
		if plain != "" && k.SHA256 == apikey.Hash(plain) {
			return p.tryOut(ctx, h, issued{Key: k, Plain: plain}, written)
		}
	}
	p.note("no key of it is at hand to be tried: set MCP_API_KEY for that")
	return h.reset(ctx)
}

// narrows reports whether a key of before may do less after: it is gone, ends
// earlier, or has lost a tool.
func narrows(before, after apikey.Document) bool {
	return slices.ContainsFunc(before.Keys, func(k apikey.Key) bool {
		i := slices.IndexFunc(after.Keys, func(a apikey.Key) bool { return a.SHA256 == k.SHA256 })
		if i < 0 {
			return true
		}
		a := after.Keys[i]
		sooner := !a.Expires.IsZero() && (k.Expires.IsZero() || a.Expires.Before(k.Expires))
		fewer := a.Tools != nil && (k.Tools == nil || slices.ContainsFunc(k.Tools, func(tool string) bool { return !slices.Contains(a.Tools, tool) }))
		return sooner || fewer
	})
}
