package lambdaops

import (
	"context"

	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/upgrade"
	"serverless-mcp/internal/tool"
)

type upgradeInput struct {
	Function         string `json:"function" doc:"function's name, or its ARN without a version" min:"1" max:"170"`
	Target           string `json:"target,omitempty" doc:"runtime to move to; absent means the recommended successor" max:"64"`
	Payload          string `json:"test_payload" doc:"event for the test, as JSON text; choose one without side effects, because the test runs a copy and then the function itself" default:"{}" max:"262144"`
	Expect           string `json:"expect,omitempty" doc:"JSON that the response must contain; objects may have more members, other values must be equal" max:"262144"`
	ExpectText       string `json:"expect_text,omitempty" doc:"text that the response must contain" max:"4096"`
	DryRun           bool   `json:"dry_run,omitempty" doc:"return the plan and change nothing"`
	Confirm          bool   `json:"confirm,omitempty" doc:"the user has seen the plan and agrees; required if this client cannot ask the user itself"`
	AcceptNoRollback bool   `json:"accept_no_rollback,omitempty" doc:"the user agrees although only aliases could be rolled back, not $LATEST"`
}

type upgradeOutput struct {
	Notice    string     `json:"notice" doc:"how to treat text in this result"`
	Outcome   string     `json:"outcome" doc:"plan, refused, or the outcome of the upgrade"`
	Reason    string     `json:"reason,omitempty" doc:"the step that failed, and why"`
	Plan      planInfo   `json:"plan" doc:"the plan"`
	Operation string     `json:"operation,omitempty" doc:"id of the upgrade in the journal"`
	Published string     `json:"published_version,omitempty" doc:"version that keeps the old runtime"`
	Upgraded  string     `json:"upgraded_version,omitempty" doc:"version with the new runtime to which aliases were shifted"`
	Steps     []stepInfo `json:"steps" doc:"steps taken, in order"`
	Problems  []string   `json:"problems" doc:"what was not completed, or was left as someone else set it"`
	Throttled int        `json:"throttled,omitempty" doc:"number of calls that were repeated because AWS throttled them"`
}

type planInfo struct {
	Function   string      `json:"function" doc:"function's name"`
	From       string      `json:"from,omitempty" doc:"current runtime; absent for container images"`
	To         string      `json:"to,omitempty" doc:"target runtime; absent if there is none"`
	Steps      []string    `json:"steps" doc:"in order; empty if the upgrade is refused"`
	Aliases    []aliasPlan `json:"aliases" doc:"what happens to each alias; empty if the upgrade is refused"`
	LatestBack *bool       `json:"latest_can_be_rolled_back,omitempty" doc:"whether $LATEST could be rolled back; if not, only aliases can. Absent if the upgrade is refused"`
	Warnings   []string    `json:"warnings" doc:"what to know before agreeing; empty if the upgrade is refused"`
	Refusals   []string    `json:"refusals" doc:"why the upgrade is refused; empty means that it can run"`
}

type aliasPlan struct {
	Name    string `json:"name" doc:"alias's name"`
	Version string `json:"version" doc:"its current version"`
	Action  string `json:"action" doc:"shift to the new version, hold on the old one during the upgrade, or leave" enum:"shift,hold,leave"`
	Reason  string `json:"reason" doc:"why"`
}

type stepInfo struct {
	Name   string `json:"name" doc:"the step"`
	State  string `json:"state" doc:"how it ended" enum:"started,done,failed"`
	Detail string `json:"detail,omitempty" doc:"why it failed"`
}

func (o *Ops) upgradeRuntime() tool.Tool {
	return tool.New(tool.Info{
		Name:  "upgrade_runtime",
		Title: "Move a Lambda function to another runtime",
		Description: "Moves a function to another runtime as one transaction: publishes a version to roll back to, tests the new runtime on a copy that it deletes, updates, tests, and shifts aliases last; if a step fails, it restores the previous state. " +
			"Call it with dry_run: true first, show the user the plan, and agree on a test: a payload, and what the response must contain.",
		Destructive: true, OpenWorld: true,
	}, func(ctx context.Context, in upgradeInput) (upgradeOutput, error) {
		out, err := o.upgrade(ctx, in)
		return out, forModel(err)
	})
}

func (o *Ops) upgrade(ctx context.Context, in upgradeInput) (upgradeOutput, error) {
	c := callFrom(ctx)
	plan, err := o.upgrader.Plan(ctx, upgrade.Request{
		Function: in.Function, Target: in.Target, AcceptNoRollback: in.AcceptNoRollback,
		Test: upgrade.Test{Payload: []byte(in.Payload), Expect: []byte(in.Expect), Text: in.ExpectText},
	})
	if err != nil {
		return upgradeOutput{}, err
	}
	out := upgradeOutput{Notice: dataNotice, Outcome: "plan", Plan: newPlanInfo(plan)}
	if plan.Refused() != nil {
		out.Outcome = "refused"
	}
	if in.DryRun {
		out.Throttled = c.throttledCalls()
		return out, nil
	}
	if err := plan.Refused(); err != nil {
		return upgradeOutput{}, err
	}
	if err := c.confirm(in.Confirm, plan.Fingerprint, planQuestion(plan)); err != nil {
		return upgradeOutput{}, err
	}
	res, err := o.upgrader.Run(ctx, plan)
	if err != nil {
		return upgradeOutput{}, err
	}
	if res.Outcome != upgrade.Upgraded {
		c.fail()
	}
	out.Outcome, out.Reason, out.Problems, out.Operation = res.Outcome, res.Reason, res.Problems, res.Operation
	out.Published, out.Upgraded = res.Journal.Published, res.Journal.Upgraded
	out.Steps, out.Throttled = steps(res.Journal), c.throttledCalls()
	return out, nil
}

func newPlanInfo(p *upgrade.Plan) planInfo {
	info := planInfo{
		Function: p.Function, From: p.From, To: p.To, Steps: p.Steps, Warnings: p.Warnings, Refusals: p.Refusals,
	}
	if p.Refused() == nil {
		info.LatestBack = &p.LatestBack
	}
	for _, a := range p.Aliases {
		info.Aliases = append(info.Aliases, aliasPlan(a))
	}
	return info
}

func steps(op journal.Operation) []stepInfo {
	var list []stepInfo
	for _, s := range op.Steps {
		list = append(list, stepInfo{Name: s.Name, State: s.State, Detail: s.Detail})
	}
	return list
}
