package lambdaops

import (
	"context"
	"fmt"
	"slices"

	"serverless-mcp/internal/lambdaops/upgrade"
	"serverless-mcp/internal/tool"
)

type rollbackInput struct {
	Function string `json:"function" doc:"function's name, or its ARN without a version" min:"1" max:"170"`
	DryRun   bool   `json:"dry_run,omitempty" doc:"return the plan and change nothing"`
	Confirm  bool   `json:"confirm,omitempty" doc:"the user agrees; required if this client cannot ask the user itself"`
}

type rollbackOutput struct {
	Notice    string     `json:"notice" doc:"how to treat text in this result"`
	Outcome   string     `json:"outcome" doc:"plan, or the outcome of the rollback"`
	Operation string     `json:"operation" doc:"the upgrade that is undone"`
	Began     string     `json:"upgrade_outcome" doc:"outcome of that upgrade; unfinished means that its process was killed or could not undo it"`
	Plan      []string   `json:"plan" doc:"what the rollback would do, in order"`
	Steps     []stepInfo `json:"steps" doc:"steps of the upgrade and of the rollback, in order"`
	Problems  []string   `json:"problems" doc:"what was not restored, or was left as someone else set it"`
	Throttled int        `json:"throttled,omitempty" doc:"number of calls that were repeated because AWS throttled them"`
}

func (o *Ops) rollbackRuntime() tool.Tool {
	return tool.New(tool.Info{
		Name:  "rollback_runtime",
		Title: "Undo the last runtime upgrade of a function",
		Description: "Undoes the last upgrade_runtime of a function, finished or interrupted: points aliases back, puts $LATEST back if AWS still accepts the old runtime, and deletes a leftover copy. " +
			"It leaves later changes by others unchanged, and can only undo upgrades made on this machine.",
		Destructive: true, OpenWorld: true,
	}, func(ctx context.Context, in rollbackInput) (rollbackOutput, error) {
		out, err := o.rollback(ctx, in)
		return out, forModel(err)
	})
}

func (o *Ops) rollback(ctx context.Context, in rollbackInput) (rollbackOutput, error) {
	c := callFrom(ctx)
	plan, err := o.upgrader.PlanRollback(ctx, in.Function)
	if err != nil {
		return rollbackOutput{}, err
	}
	op := plan.Operation
	out := rollbackOutput{Notice: dataNotice, Outcome: "plan", Operation: op.ID, Began: op.Outcome, Plan: plan.Steps, Steps: steps(op)}
	if out.Began == "" {
		out.Began = "unfinished"
	}
	if in.DryRun {
		return out, nil
	}
	what := numbered(fmt.Sprintf("Undo the upgrade of the Lambda function %s from %s to %s (%s):", op.Function, op.From, op.To, op.ARN), plan.Steps)
	if err := c.confirm(in.Confirm, plan.Fingerprint, what); err != nil {
		return rollbackOutput{}, err
	}
	res, err := o.upgrader.Undo(ctx, plan)
	if err != nil {
		return rollbackOutput{}, err
	}
	if !slices.Contains([]string{upgrade.RolledBack, upgrade.Untouched, upgrade.FunctionDeleted}, res.Outcome) {
		c.fail()
	}
	out.Outcome, out.Problems, out.Steps, out.Throttled = res.Outcome, res.Problems, steps(res.Journal), c.throttledCalls()
	return out, nil
}
