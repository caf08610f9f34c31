package keys

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"serverless-mcp/cmd/mcpctl/internal/cli"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/keys/keyregistry"
)

// limitFlags are the flags for the limits of a key.
type limitFlags struct {
	rate, quota string // 60/m and 5000/d; empty means not given
}

// flags adds the flags; unset says what their absence means, for the help.
func (l *limitFlags) flags(cmd *cobra.Command, unset string) {
	cmd.Flags().StringVar(&l.rate, "rate", "", "limit on tool calls per minute, such as 60/m (default: "+unset+")")
	cmd.Flags().StringVar(&l.quota, "quota", "", "limit on tool calls per UTC day, such as 5000/d (default: "+unset+")")
}

// noLimit is the value of a flag that removes the limit.
const noLimit = "none"

// apply returns the limits, changed as the flags say.
func (l limitFlags) apply(limits apikey.Limits) (apikey.Limits, error) {
	for _, f := range []struct {
		flag, value, unit string
		field             *int
	}{{"--rate", l.rate, "/m", &limits.Minute}, {"--quota", l.quota, "/d", &limits.Day}} {
		switch {
		case f.value == "":
		case f.value == noLimit:
			*f.field = 0
		default:
			parsed, err := apikey.ParseLimits(f.value)
			if err != nil || !strings.HasSuffix(f.value, f.unit) || strings.ContainsAny(f.value, " \t") {
				return limits, fmt.Errorf("%s %q is not a limit such as %s, or %s", f.flag, f.value, map[string]string{"/m": "60/m", "/d": "5000/d"}[f.unit], noLimit)
			}
			*f.field = parsed.Minute + parsed.Day // one of them is 0
		}
	}
	return limits, nil
}

// errNotCounted means that the target would not apply limits.
var errNotCounted = errors.New("the server does not count calls, so limits would have no effect: set KEY_LIMITS=true and deploy, or start mcpctl local again")

// checkCounted returns an error if keys get limits that the target does not apply.
func (t *keyTarget) checkCounted(limits apikey.Limits) error {
	if !limits.IsZero() && !t.Counts {
		return errNotCounted
	}
	return nil
}

// limitOptions are the flags and arguments of mcpctl keys limit.
type limitOptions struct {
	target targetFlags
	limits limitFlags
	name   string
}

func newLimit(env *cli.Env) *cobra.Command {
	var o limitOptions
	cmd := &cobra.Command{
		Use:   "limit NAME",
		Short: "Change how often a key may call tools",
		Long: `Change how often a key may call tools, in a minute and in a UTC day. Only tool calls
count, retries included. A limit whose flag is not given stays; none removes a limit.

The command returns when the change is in effect everywhere, after about 45 seconds.
Calls that were already counted still count.`,
		Example: `  go tool mcpctl keys limit alice --rate 60/m --quota 5000/d
  go tool mcpctl keys limit alice --rate none`,
		Args: oneName,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runLimit(cmd.Context(), env, o)
		},
	}
	o.limits.flags(cmd, "unchanged")
	o.target.flags(cmd)
	return cmd
}

func runLimit(ctx context.Context, env *cli.Env, o limitOptions) error {
	if o.limits == (limitFlags{}) {
		return errors.New("need --rate or --quota")
	}
	if _, err := o.limits.apply(apikey.Limits{}); err != nil {
		return err
	}
	t, err := o.target.find(ctx, env)
	if err != nil {
		return err
	}
	var now apikey.Limits
	written, err := t.change(ctx, env, keyregistry.Issuing, keyregistry.Limiting(o.name, func(before apikey.Limits) (apikey.Limits, error) {
		var err error
		if now, err = o.limits.apply(before); err == nil {
			err = t.checkCounted(now)
		}
		return now, err
	}))
	if err != nil {
		return err
	}
	fmt.Fprintf(env.Stdout, "%s: %s\n", o.name, describeLimits(now))
	if !written.Changed {
		return nil
	}
	if err := enforce(ctx, env, t, written.At, ""); err != nil {
		return fmt.Errorf("the limits are in the registry, but the gateway may use the old ones for longer: %w", err)
	}
	return nil
}

// describeLimits describes limits for people.
func describeLimits(l apikey.Limits) string {
	var parts []string
	if l.Minute > 0 {
		parts = append(parts, fmt.Sprintf("%d calls a minute", l.Minute))
	}
	if l.Day > 0 {
		parts = append(parts, fmt.Sprintf("%d calls a day (UTC)", l.Day))
	}
	if parts == nil {
		return "no limits"
	}
	return strings.Join(parts, ", ")
}
