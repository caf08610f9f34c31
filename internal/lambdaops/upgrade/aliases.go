package upgrade

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// AliasPlan is what happens to an alias.
type AliasPlan struct {
	Name    string
	Version string // current version
	Action  string // shift, hold or leave
	Reason  string
}

// The actions of an [AliasPlan].
const (
	Shift = "shift" // to the version with the new runtime
	Hold  = "hold"  // the alias follows $LATEST, and points to the old version during the upgrade
	Leave = "leave"
)

func (u *Upgrader) planAliases(ctx context.Context, p *Plan) error {
	pages := lambda.NewListAliasesPaginator(u.o.Lambda, &lambda.ListAliasesInput{FunctionName: &p.Function})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, a := range page.Aliases {
			plan, err := u.planAlias(ctx, p, a)
			if err != nil {
				return err
			}
			p.Aliases = append(p.Aliases, plan)
		}
	}
	return nil
}

// planAlias shifts an alias only if its version is the same as $LATEST. Shifting an alias
// that points to an older release would also release the code of $LATEST to its callers.
func (u *Upgrader) planAlias(ctx context.Context, p *Plan, a types.AliasConfiguration) (AliasPlan, error) {
	plan := AliasPlan{Name: aws.ToString(a.Name), Version: aws.ToString(a.FunctionVersion), Action: Leave}
	if weighted(a.RoutingConfig) {
		plan.Reason = "it has weighted routing: a release is in progress"
		return plan, nil
	}
	if plan.Version == "$LATEST" {
		plan.Action, plan.Reason = Hold, "it follows $LATEST: it points to the old version until the test has passed"
		return plan, nil
	}
	v, err := u.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &p.Function, Qualifier: a.FunctionVersion})
	if err != nil {
		return plan, err
	}
	if why := differs(p.latest, v); why != "" {
		plan.Reason = fmt.Sprintf("version %s and $LATEST differ in %s, and $LATEST has not been released to this alias: it stays on %s", plan.Version, why, v.Runtime)
		return plan, nil
	}
	plan.Action, plan.Reason = Shift, "version "+plan.Version+" is the same as $LATEST"
	return plan, nil
}

// weighted reports whether an alias sends a share of its calls to another version,
// which means that a release is in progress.
func weighted(c *types.AliasRoutingConfiguration) bool {
	return c != nil && len(c.AdditionalVersionWeights) > 0
}

// differs returns the settings in which a version and $LATEST differ, or "".
func differs(latest *types.FunctionConfiguration, v *lambda.GetFunctionConfigurationOutput) string {
	var parts []string
	add := func(name string, a, b any) {
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if string(x) != string(y) {
			parts = append(parts, name)
		}
	}
	add("code", latest.CodeSha256, v.CodeSha256)
	add("runtime", latest.Runtime, v.Runtime)
	add("handler", latest.Handler, v.Handler)
	add("role", latest.Role, v.Role)
	add("environment", latest.Environment, v.Environment)
	add("layers", latest.Layers, v.Layers)
	add("memory or timeout", []*int32{latest.MemorySize, latest.Timeout}, []*int32{v.MemorySize, v.Timeout})
	add("network", latest.VpcConfig, v.VpcConfig)
	add("architecture", latest.Architectures, v.Architectures)
	add("ephemeral storage", latest.EphemeralStorage, v.EphemeralStorage)
	add("file systems", latest.FileSystemConfigs, v.FileSystemConfigs)
	add("tracing", latest.TracingConfig, v.TracingConfig)
	add("logging", latest.LoggingConfig, v.LoggingConfig)
	add("key", latest.KMSKeyArn, v.KMSKeyArn)
	add("SnapStart", snapStart(latest.SnapStart), snapStart(v.SnapStart))
	add("dead-letter queue", latest.DeadLetterConfig, v.DeadLetterConfig)
	return strings.Join(parts, ", ")
}

// snapStart returns the setting without the status, which $LATEST never has.
func snapStart(s *types.SnapStartResponse) types.SnapStartApplyOn {
	if s == nil || s.ApplyOn == "" {
		return types.SnapStartApplyOnNone
	}
	return s.ApplyOn
}
