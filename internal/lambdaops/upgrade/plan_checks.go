package upgrade

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/runtimes"
)

func (p *Plan) checkFunction() {
	c := p.latest
	if c.PackageType == types.PackageTypeImage || p.From == "" {
		p.refuse("the function is a container image, whose runtime is part of the image: build the image from a newer base image")
		return
	}
	if aws.ToString(c.MasterArn) != "" {
		p.refuse("the function is a replica of %s, which CloudFront manages", aws.ToString(c.MasterArn))
	}
	if c.DurableConfig != nil {
		p.refuse("the function is durable: executions in progress continue with the code and runtime with which they began")
	}
	if c.CapacityProviderConfig != nil || c.TenancyConfig != nil {
		p.refuse("the function has a capacity provider or tenants, so a copy of it would not be a realistic test")
	}
	if c.State != types.StateActive && c.State != types.StateInactive {
		p.refuse("the function's state is %s, not Active%s", c.State, because(c.StateReason))
	}
	if c.LastUpdateStatus != "" && c.LastUpdateStatus != types.LastUpdateStatusSuccessful {
		p.refuse("the function's last update is %s, not Successful%s", c.LastUpdateStatus, because(c.LastUpdateStatusReason))
	}
	if c.Environment != nil && c.Environment.Error != nil {
		p.refuse("the environment variables cannot be read (%s), so a copy would not be a realistic test: check the permissions for their KMS key",
			aws.ToString(c.Environment.Error.ErrorCode))
	}
	if c.CodeSize > maxCopy {
		p.refuse("the code has %d bytes, and a copy for the test can have at most %d", c.CodeSize, maxCopy)
	}
}

// because formats AWS's reason for a state, which may be absent.
func because(reason *string) string {
	if text := aws.ToString(reason); text != "" {
		return ": AWS reports " + strconv.Quote(text)
	}
	return ""
}

func (p *Plan) checkTarget(table runtimes.Table, u *Upgrader) {
	if p.From == "" {
		return
	}
	now := u.o.Now()
	old, known := table.Lookup(p.From)
	switch {
	case p.To == "" && known && old.State(now) == runtimes.Supported:
		p.refuse("%s is the newest supported runtime of its language in the table of %s: there is nothing to upgrade to", p.From, table.Date)
		return
	case p.To == "":
		p.refuse("the table of runtimes of %s has no supported successor of %s: pass a target", table.Date, p.From)
		return
	}
	target, targetKnown := table.Lookup(p.To)
	state := target.State(now)
	switch {
	case p.To == p.From:
		p.refuse("the function already has %s", p.To)
	case !targetKnown:
		p.refuse("%q is not in the table of runtimes; get_runtimes_info lists them", p.To)
	case runtimes.Family(p.To) != runtimes.Family(p.From):
		p.refuse("%s is another language than %s: the code would have to be rewritten, or built as a binary for provided.*", p.To, p.From)
	case state != runtimes.Supported:
		p.refuse("%s is %s, not supported%s", p.To, state, since(target.Deprecation))
	case !runtimes.Newer(p.From, p.To):
		p.refuse("%s is older than %s", p.To, p.From)
	}
	p.checkRollback(old, known, now)
}

func since(d runtimes.Date) string {
	if d == "" {
		return ""
	}
	return " (end of support " + string(d) + ")"
}

// checkRollback determines whether $LATEST could be put back to its present runtime,
// and refuses the plan if not, unless the request accepts that.
func (p *Plan) checkRollback(old runtimes.Runtime, known bool, now time.Time) {
	switch {
	case !known:
		p.NoWayBack = p.From + " is not in the table of runtimes, so it is unknown whether AWS accepts it for updates"
	case old.BlockUpdate.Reached(now):
		p.NoWayBack = fmt.Sprintf("AWS has rejected %s for updates since %s", p.From, old.BlockUpdate)
	case old.BlockUpdate == "" && old.State(now) != runtimes.Supported:
		p.NoWayBack = fmt.Sprintf("%s is %s, and it is unknown from which day AWS rejects it for updates", p.From, old.State(now))
	}
	p.LatestBack = p.NoWayBack == ""
	if !p.LatestBack && !p.request.AcceptNoRollback {
		p.refuse("$LATEST could not be put back, only aliases could: %s. Pass accept_no_rollback: true, first with dry_run: true to see the plan, "+
			"if no important caller uses the function without an alias, or if that is acceptable", p.NoWayBack)
	}
}

// checkManagement refuses a runtime that is pinned to one patch version.
func (u *Upgrader) checkManagement(ctx context.Context, p *Plan) error {
	if p.From == "" {
		return nil
	}
	out, err := u.o.Lambda.GetRuntimeManagementConfig(ctx, &lambda.GetRuntimeManagementConfigInput{FunctionName: &p.Function})
	if err != nil {
		return err
	}
	if out.UpdateRuntimeOn == types.UpdateRuntimeOnManual {
		p.refuse("runtime management is Manual: the function is pinned to one patch version of %s, which other runtimes do not have. "+
			"Find out why, and set it to Auto or FunctionUpdate first", p.From)
	}
	return nil
}

func (u *Upgrader) checkJournal(_ context.Context, p *Plan) error {
	last, ok, err := u.o.Journal.Last(p.ARN)
	if broken, is := errors.AsType[*journal.BrokenError](err); is {
		p.refuse("%v", broken)
		return nil
	}
	if err != nil {
		return err
	}
	if ok && last.Outcome == "" {
		p.refuse("an earlier operation on the function, %s, is not finished: call rollback_runtime with function %s", last.ID, p.Function)
	}
	return nil
}
