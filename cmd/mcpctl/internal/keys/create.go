package keys

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
)

// maxCount is the largest --count, so that a typing error cannot fill the
// registry.
const maxCount = 100

// createOptions are the flags and arguments of mcpctl keys create.
type createOptions struct {
	target targetFlags
	scope  scopeFlags
	output keyOutput
	name   string
	count  int // zero means one key with exactly that name
}

func newCreate(env *cli.Env) *cobra.Command {
	var o createOptions
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Issue a key: prints a message to forward and, separately, the key",
		Long: `Issue a key. The command prints a message that you can forward, with everything
that the recipient needs to connect, and separately the key, which cannot be shown
again.

With --count the keys are named NAME-1, NAME-2 and so on.`,
		Example: `  go tool mcpctl keys create alice --expires 90d
  go tool mcpctl keys create ci --tools calculate --quiet
  go tool mcpctl keys create bob --rate 60/m --quota 5000/d`,
		Args: oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runCreate(cmd.Context(), env, o)
		},
	}
	o.scope.flags(cmd)
	o.output.flags(cmd)
	cmd.Flags().IntVar(&o.count, "count", 0, "number of keys to create")
	o.target.flags(cmd)
	return cmd
}

func runCreate(ctx context.Context, env *cli.Env, o createOptions) error {
	like, err := o.scope.entry(env.Clock.Now())
	if err != nil {
		return err
	}
	names, err := numbered(o.name, o.count)
	if err != nil {
		return err
	}
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	if err := t.checkCounted(like.Limits); err != nil {
		return err
	}
	var made []issuedKey
	var entries []apikey.Key
	for _, name := range names {
		like.ID = name
		k, err := t.newKey(like, env.Clock.Now())
		if err != nil {
			return err
		}
		made, entries = append(made, k), append(entries, k.Key)
	}
	written, err := t.change(ctx, env, keyregistry.Issuing, keyregistry.Adding(entries...))
	if err != nil {
		return err
	}
	// Print the keys now: a later error must not lose them.
	if err := o.output.print(env, t, made); err != nil {
		return err
	}
	return verifyNewKey(ctx, env, t, made[0], written.At)
}

// numbered returns the names of count keys; zero means one key with that name.
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

// scopeFlags are the flags that limit a new key.
type scopeFlags struct {
	tools   []string
	expires string // a duration or a date; empty means never
	note    string
	limits  limitFlags

	toolsGiven func() bool
}

func (s *scopeFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&s.tools, "tools", nil, "tools that the key may use, such as calculate,get_weather (default: all)")
	cmd.Flags().StringVar(&s.expires, "expires", "", "expiry: 90d, 12h, 2w, or a date such as 2027-02-28 (default: never)")
	cmd.Flags().StringVar(&s.note, "note", "", "note that mcpctl keys list shows")
	s.limits.flags(cmd, noLimit)
	s.toolsGiven = func() bool { return cmd.Flags().Changed("tools") }
}

// entry returns a registry entry for these flags, without name and key.
func (s scopeFlags) entry(now time.Time) (apikey.Key, error) {
	k := apikey.Key{Note: s.note}
	if s.toolsGiven() {
		if k.Tools = s.tools; len(k.Tools) == 0 {
			return apikey.Key{}, errors.New("--tools is empty; omit it to allow all tools")
		}
	}
	for _, tool := range k.Tools {
		if err := apikey.CheckTool(tool); err != nil {
			return apikey.Key{}, fmt.Errorf("--tools %q: %w", tool, err)
		}
	}
	var err error
	if k.Limits, err = s.limits.apply(apikey.Limits{}); err != nil {
		return apikey.Key{}, err
	}
	k.Expires, err = parseEnd("--expires", s.expires, now)
	return k, err
}

// oneName accepts one argument, which checkName then checks.
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
