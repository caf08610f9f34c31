package lambdaops

import (
	"context"
	"fmt"

	"serverless-mcp/internal/lambdaops/upgrade"
	"serverless-mcp/internal/tool"
)

type rollbackInput struct {
	Function string `json:"function" doc:"function's name, or its ARN without a version" min:"1" max:"170"`
	DryRun   bool   `json:"dry_run,omitempty" doc:"show what would be done and change nothing"`
	Confirm  bool   `json:"confirm,omitempty" doc:"the user agrees; needed where this client cannot ask by itself"`
}

type rollbackOutput struct {
	Outcome   string    `json:"outcome" doc:"plan, or what became of it"`
	Operation string    `json:"operation" doc:"the upgrade that is undone"`
	Began     string    `json:"upgrade_outcome" doc:"how that upgrade ended; unfinished means that its process was killed or could not undo it"`
	Plan      []string  `json:"plan" doc:"what undoing it means"`
	Steps     []stepped `json:"steps" doc:"of the upgrade and of undoing it, in order"`
	Problems  []string  `json:"problems" doc:"what is not as it was, or was left as somebody else set it"`
	Throttled int       `json:"throttled,omitempty" doc:"calls that AWS throttled and that were made again"`
}

func (o *Ops) rollbackRuntime() tool.Tool {
	return tool.New(tool.Info{
		Name:  "rollback_runtime",
		Title: "Undo the last runtime upgrade of a function",
		Description: "Undoes the last upgrade_runtime of a function, finished or left half done: points aliases back to where they were, puts $LATEST back if AWS still takes the old runtime, and deletes a copy that was left over. " +
			"What somebody else has changed since is left alone. It knows the upgrades that were made on this machine.",
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
	out := rollbackOutput{Outcome: "plan", Operation: op.ID, Began: op.Outcome, Plan: plan.Steps, Steps: steps(op)}
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
	if res.Outcome != upgrade.RolledBack && res.Outcome != upgrade.Untouched {
		c.fail()
	}
	out.Outcome, out.Problems, out.Steps, out.Throttled = res.Outcome, res.Problems, steps(res.Journal), c.slowedSoFar()
	return out, nil
}
