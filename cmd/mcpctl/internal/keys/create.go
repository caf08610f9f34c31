package main

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
)

// maxCount keeps a slip of the finger from filling the registry.
const maxCount = 100

// scope is what the flags say about new keys.
type scope struct {
	tools   []string
	expires string
	note    string
}

func (s *scope) flags(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&s.tools, "tools", nil, "the tools that may be used, such as calculate,get_weather (default: all)")
	cmd.Flags().StringVar(&s.expires, "expires", "", "the end: 90d, 12h, 2w, or a date such as 2027-02-28 (default: never)")
	cmd.Flags().StringVar(&s.note, "note", "", "a note that list shows")
}

// key is an entry without name and key.
func (s scope) key(cmd *cobra.Command, now time.Time) (apikey.Key, error) {
	k := apikey.Key{Note: s.note}
	if cmd.Flags().Changed("tools") {
		if k.Tools = s.tools; len(k.Tools) == 0 {
			return apikey.Key{}, errors.New("--tools names none; leave it out to allow all")
		}
	}
	for _, tool := range k.Tools {
		if err := apikey.CheckTool(tool); err != nil {
			return apikey.Key{}, fmt.Errorf("--tools %q: %w", tool, err)
		}
	}
	var err error
	k.Expires, err = parseEnd("--expires", s.expires, now)
	return k, err
}

func newKeysCreate(p *program) *cobra.Command {
	var t keysTarget
	var s scope
	var o handout
	var count int
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Issue a key: prints a message to send on and, apart from it, the key",
		Long: `Issue a key. Printed are a message that can be sent on, with all that somebody
needs to connect, and apart from it the key, which nobody can show again.

With --count the keys are named NAME-1, NAME-2 and so on.`,
		Example: `  go tool mcpctl keys create alice --expires 90d
  go tool mcpctl keys create ci --tools calculate --quiet`,
		Args: oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			like, err := s.key(cmd, p.clock.Now())
			if err != nil {
				return err
			}
			names, err := numbered(args[0], count)
			if err != nil {
				return err
			}
			return p.create(cmd, t, o, like, names)
		},
	}
	s.flags(cmd)
	o.flags(cmd)
	cmd.Flags().IntVar(&count, "count", 0, "make so many keys in one go")
	t.flags(cmd)
	return cmd
}

func (o *handout) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&o.quiet, "quiet", false, "print the key and nothing else")
	cmd.MarkFlagsMutuallyExclusive("json", "quiet")
}

func (p *program) create(cmd *cobra.Command, t keysTarget, o handout, like apikey.Key, names []string) error {
	ctx := cmd.Context()
	h, err := p.keyholder(ctx, t)
	if err != nil {
		return err
	}
	var made []issued
	var entries []apikey.Key
	for _, name := range names {
		like.ID = name
		k, err := h.newKey(like, p.clock.Now())
		if err != nil {
			return err
		}
		made, entries = append(made, k), append(entries, k.Key)
	}
	written, err := h.change(ctx, p, keyregistry.Issuing, keyregistry.Adding(entries...))
	if err != nil {
		return err
	}
	// At once: whatever goes wrong from here on, the key must not be lost.
	if err := o.print(p, h, made); err != nil {
		return err
	}
	return p.tryOut(ctx, h, made[0], written.At)
}

// numbered are the names of count keys; zero means one of exactly that name.
func numbered(name string, count int) ([]string, error) {
	if count < 0 || count > maxCount {
		return nil, fmt.Errorf("--count %d is out of range, need 1 to %d", count, maxCount)
	}
	names := []string{name}
	if count > 0 {
		names = nil
	}
	for i := range count {
		names = append(names, name+"-"+strconv.Itoa(i+1))
	}
	for _, n := range names {
		if err := checkName(n); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// oneName wants one argument that can be a key's name.
func oneName(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("need one name for the key, such as alice or ci-main")
	}
	return nil
}

func checkName(name string) error {
	if name == apikey.DefaultID {
		return keyregistry.ErrReserved
	}
	if err := apikey.CheckID(name); err != nil {
		return fmt.Errorf("name %q: %w", name, err)
	}
	return nil
}
