package lambdaops

import (
	"context"
	"fmt"
	"strings"

	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/upgrade"
	"serverless-mcp/internal/tool"
)

type upgradeInput struct {
	Function         string `json:"function" doc:"function's name, or its ARN without a version" min:"1" max:"170"`
	Target           string `json:"target,omitempty" doc:"runtime to move to; absent means the recommended successor" max:"64"`
	Payload          string `json:"test_payload" doc:"event for the test, as JSON text; choose one without side effects, as the function runs for real, on a copy and then itself" default:"{}" max:"262144"`
	Expect           string `json:"expect,omitempty" doc:"JSON that the answer must contain: of objects the fields given, anything else exactly" max:"262144"`
	ExpectText       string `json:"expect_text,omitempty" doc:"text that the answer must contain" max:"4096"`
	DryRun           bool   `json:"dry_run,omitempty" doc:"show the plan and change nothing"`
	Confirm          bool   `json:"confirm,omitempty" doc:"the user has seen the plan and agrees; needed where this client cannot ask by itself"`
	AcceptNoRollback bool   `json:"accept_no_rollback,omitempty" doc:"the user agrees though $LATEST could not be put back, only aliases"`
}

type upgradeOutput struct {
	Outcome   string    `json:"outcome" doc:"plan, or what became of it"`
	Reason    string    `json:"reason,omitempty" doc:"the step that failed, and why"`
	Plan      planInfo  `json:"plan" doc:"what was to be done"`
	Operation string    `json:"operation,omitempty" doc:"id, under which the journal has it"`
	Published string    `json:"published_version,omitempty" doc:"version that keeps the old runtime"`
	Upgraded  string    `json:"upgraded_version,omitempty" doc:"version with the new runtime, which aliases were shifted to"`
	Steps     []stepped `json:"steps" doc:"what was done, in order"`
	Problems  []string  `json:"problems" doc:"what is not as it should be, or was left as somebody else set it"`
	Throttled int       `json:"throttled,omitempty" doc:"calls that AWS throttled and that were made again"`
}

type planInfo struct {
	Function   string      `json:"function" doc:"function's name"`
	From       string      `json:"from" doc:"runtime now"`
	To         string      `json:"to" doc:"runtime to be"`
	Steps      []string    `json:"steps" doc:"in order"`
	Aliases    []aliasPlan `json:"aliases" doc:"what happens to each"`
	LatestBack bool        `json:"latest_can_be_rolled_back" doc:"whether $LATEST could be put back; if not, only aliases can"`
	Warnings   []string    `json:"warnings" doc:"what to know before agreeing"`
	Refusals   []string    `json:"refusals" doc:"why it is not done as things are; empty means that it can be"`
}

type aliasPlan struct {
	Name    string `json:"name" doc:"alias's name"`
	Version string `json:"version" doc:"version it points to now"`
	Action  string `json:"action" doc:"shift to the new version, hold on the old one meanwhile, or leave" enum:"shift,hold,leave"`
	Reason  string `json:"reason" doc:"why"`
}

type stepped struct {
	Name   string `json:"name" doc:"what was done"`
	State  string `json:"state" doc:"how it ended" enum:"started,done,failed"`
	Detail string `json:"detail,omitempty" doc:"why it failed"`
}

func (o *Ops) upgradeRuntime() tool.Tool {
	return tool.New(tool.Info{
		Name:  "upgrade_runtime",
		Title: "Move a Lambda function to another runtime",
		Description: "Moves a function to another runtime as one transaction: publishes a version to go back to, tests the new runtime on a copy that is deleted again, updates, tests, and shifts aliases last; if anything fails, it puts back what was there. " +
			"Call it with dry_run: true first, show the user the plan, and agree on a test: a payload, and what must hold of the answer.",
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
	out := upgradeOutput{Outcome: "plan", Plan: planned(plan)}
	if in.DryRun {
		out.Throttled = c.slowedSoFar()
		return out, nil
	}
	if err := plan.Refused(); err != nil {
		return upgradeOutput{}, err
	}
	if err := c.confirm(in.Confirm, plan.Fingerprint, words(plan)); err != nil {
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
	out.Steps, out.Throttled = steps(res.Journal), c.slowedSoFar()
	return out, nil
}

func planned(p *upgrade.Plan) planInfo {
	info := planInfo{
		Function: p.Function, From: p.From, To: p.To, Steps: p.Steps,
		LatestBack: p.LatestBack, Warnings: p.Warnings, Refusals: p.Refusals,
	}
	for _, a := range p.Aliases {
		info.Aliases = append(info.Aliases, aliasPlan(a))
	}
	return info
}

// words is a plan as the user is asked about it.
func words(p *upgrade.Plan) string {
	var b strings.Builder
	b.WriteString(numbered(fmt.Sprintf("Upgrade the Lambda function %s from %s to %s (%s):", p.Function, p.From, p.To, p.ARN), p.Steps))
	for _, a := range p.Aliases {
		if a.Action == upgrade.Leave {
			fmt.Fprintf(&b, "Alias %s is not upgraded: %s.\n", a.Name, a.Reason)
		}
	}
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "Note: %s.\n", w)
	}
	if !p.LatestBack {
		fmt.Fprintf(&b, "There is no way back for $LATEST: AWS no longer takes %s.\n", p.From)
	}
	return b.String()
}

// numbered is a heading and what is to be done, in lines.
func numbered(heading string, steps []string) string {
	var b strings.Builder
	b.WriteString(heading + "\n")
	for i, s := range steps {
		fmt.Fprintf(&b, "%d. %s\n", i+1, s)
	}
	return b.String()
}

func steps(op journal.Operation) []stepped {
	var list []stepped
	for _, s := range op.Steps {
		list = append(list, stepped{Name: s.Name, State: s.State, Detail: s.Detail})
	}
	return list
}
