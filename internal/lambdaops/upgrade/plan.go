package upgrade

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/runtimes"
)

// maxCopy is the size of code that CreateFunction takes in a request.
const maxCopy = 50 << 20

// Plan is what an upgrade would do, found out by reading only.
type Plan struct {
	Function, ARN string
	From, To      string
	Aliases       []AliasPlan
	LatestBack    bool     // $LATEST can be put back to the old runtime
	Steps         []string // in words
	Warnings      []string
	Refusals      []string // why it is not done; empty means that it can be
	Fingerprint   string   // of all that the plan rests on

	request Request
	latest  *types.FunctionConfiguration
	tags    map[string]string
	code    string // address of the code
}

// Plan reads the function and says what an upgrade would do, or why it is
// refused. The error is for what could not be read.
func (u *Upgrader) Plan(ctx context.Context, r Request) (*Plan, error) {
	if !nameForm.MatchString(r.Function) {
		return nil, refuse("%q is no function's name, nor an ARN without a version", r.Function)
	}
	if err := r.Test.Check(); err != nil {
		return nil, &Refusal{err.Error()}
	}
	out, err := u.o.Lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &r.Function})
	if err != nil {
		return nil, err
	}
	c := out.Configuration
	p := &Plan{
		Function: aws.ToString(c.FunctionName), ARN: aws.ToString(c.FunctionArn), From: string(c.Runtime),
		request: r, latest: c, tags: out.Tags,
	}
	if out.Code != nil {
		p.code = aws.ToString(out.Code.Location)
	}
	table := u.o.Table(ctx)
	p.To = r.Target
	if p.To == "" {
		p.To = table.Successor(p.From, u.o.Now())
	}
	if out.TagsError != nil {
		p.refuse("%s. By its tags a copy is told from other functions and deleted, and they say whether a template has the function", noTags(out.TagsError))
	}
	p.checkFunction()
	p.checkTarget(table, u)
	if err := u.checkManagement(ctx, p); err != nil {
		return nil, err
	}
	if err := u.planAliases(ctx, p); err != nil {
		return nil, err
	}
	if err := u.checkJournal(p); err != nil {
		return nil, err
	}
	p.warn(table)
	p.describe()
	return p, p.fingerprint()
}

func (p *Plan) refuse(format string, args ...any) {
	p.Refusals = append(p.Refusals, fmt.Sprintf(format, args...))
}

func (p *Plan) checkFunction() {
	c := p.latest
	if c.PackageType == types.PackageTypeImage || p.From == "" {
		p.refuse("the function is a container image, whose runtime is in the image: build it on a newer base image")
		return
	}
	if aws.ToString(c.MasterArn) != "" {
		p.refuse("the function is a replica of %s, which CloudFront looks after", aws.ToString(c.MasterArn))
	}
	if c.DurableConfig != nil {
		p.refuse("the function is durable: executions under way go on with the code and runtime that they began with")
	}
	if c.CapacityProviderConfig != nil || c.TenancyConfig != nil {
		p.refuse("the function has a capacity provider or tenants, and no copy that is worth a test can be made of it")
	}
	if c.State != types.StateActive && c.State != types.StateInactive {
		p.refuse("the function's state is %s, not Active: %s", c.State, aws.ToString(c.StateReason))
	}
	if c.LastUpdateStatus != "" && c.LastUpdateStatus != types.LastUpdateStatusSuccessful {
		p.refuse("the function's last update is %s, not Successful: %s", c.LastUpdateStatus, aws.ToString(c.LastUpdateStatusReason))
	}
	if c.Environment != nil && c.Environment.Error != nil {
		p.refuse("the environment variables cannot be read (%s), so no copy that is worth a test can be made: a permission for their KMS key is missing",
			aws.ToString(c.Environment.Error.ErrorCode))
	}
	if c.CodeSize > maxCopy {
		p.refuse("the code has %d MB, and a copy for the test can be made of up to %d MB", c.CodeSize>>20, maxCopy>>20)
	}
}

func (p *Plan) checkTarget(table runtimes.Table, u *Upgrader) {
	if p.From == "" {
		return
	}
	now := u.o.Now()
	if p.To == "" {
		p.refuse("there is no runtime to recommend after %s: name one", p.From)
		return
	}
	target, known := table.Lookup(p.To)
	state := target.State(now)
	switch {
	case p.To == p.From:
		p.refuse("the function has %s already", p.To)
	case !known:
		p.refuse("there is no runtime %q; get_runtimes_info lists them", p.To)
	case runtimes.Family(p.To) != runtimes.Family(p.From):
		p.refuse("%s is another language than %s: the code would have to be written anew, or built as a binary for provided.*", p.To, p.From)
	case state != runtimes.Supported:
		p.refuse("%s is itself %s (support ends %s)", p.To, state, orNever(target.Deprecation))
	case !runtimes.Newer(p.From, p.To):
		p.refuse("%s is older than %s", p.To, p.From)
	}
	old, known := table.Lookup(p.From)
	p.LatestBack = known && !old.BlockUpdate.Reached(now) && (old.BlockUpdate != "" || old.State(now) == runtimes.Supported)
	if !p.LatestBack && !p.request.AcceptNoRollback {
		p.refuse("$LATEST could not be put back to %s, which AWS refuses for updates since %s: only aliases could. "+
			"Say accept_no_rollback: true if no caller that matters uses the function without an alias, or if that is acceptable", p.From, orNever(old.BlockUpdate))
	}
}

func orNever(d runtimes.Date) string {
	if d == "" {
		return "a date that is not known"
	}
	return string(d)
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
		p.refuse("runtime management is Manual: somebody pinned the function to one version of %s, which no other runtime has. "+
			"Find out why, and set it to Auto or FunctionUpdate first", p.From)
	}
	return nil
}

func (u *Upgrader) checkJournal(p *Plan) error {
	last, ok, err := u.o.Journal.Last(p.ARN)
	if broken, is := errors.AsType[*journal.BrokenError](err); is {
		p.refuse("%v", broken)
		return nil
	}
	if err != nil {
		return err
	}
	if ok && last.Outcome == "" {
		p.refuse("an earlier operation on the function, %s, is not finished: see rollback_runtime with function %s", last.ID, p.Function)
	}
	return nil
}

func (p *Plan) warn(table runtimes.Table) {
	add := func(format string, args ...any) { p.Warnings = append(p.Warnings, fmt.Sprintf(format, args...)) }
	add("the test runs the function's code with its role, on the copy and on the function: what it does to the world, it does for real")
	if stack, ok := p.tags["aws:cloudformation:stack-name"]; ok {
		add("the function belongs to the CloudFormation stack %s: change the runtime there too, or the next deployment sets it back", stack)
	}
	if p.To == "nodejs24.x" {
		add("nodejs24.x no longer calls handlers with a callback: they must be async")
	}
	if n := len(p.latest.Layers); n > 0 {
		add("the function has %d layers, which are kept: see that they are made for %s", n, p.To)
	}
	if slices.ContainsFunc(p.Aliases, func(a AliasPlan) bool { return a.Action != Leave }) {
		add("callers that use the function without an alias get the new runtime at the update, before the test")
	} else {
		add("callers of the function get the new runtime at the update, before the test: no alias stands between them")
	}
	if table.Note != "" {
		add("%s", table.Note)
	}
}

// describe puts the plan into words.
func (p *Plan) describe() {
	say := func(format string, args ...any) { p.Steps = append(p.Steps, fmt.Sprintf(format, args...)) }
	say("publish $LATEST (%s) as a version to go back to", p.From)
	say("copy the function with %s, test the copy, delete it", p.To)
	p.each(Hold, func(a AliasPlan) { say("point alias %s from $LATEST to that version", a.Name) })
	say("update $LATEST to %s and wait for it", p.To)
	say("test $LATEST")
	shift := false
	p.each(Shift, func(AliasPlan) { shift = true })
	if shift {
		say("publish $LATEST (%s) as a version", p.To)
	}
	p.each(Shift, func(a AliasPlan) { say("shift alias %s from version %s to that one", a.Name, a.Version) })
	p.each(Hold, func(a AliasPlan) { say("point alias %s to $LATEST again", a.Name) })
	back := "put $LATEST back to " + p.From
	if !p.LatestBack {
		back = "leave $LATEST on " + p.To + ", as AWS no longer takes " + p.From
	}
	say("if anything fails from the update on: point the aliases back, and %s", back)
}

func (p *Plan) each(action string, do func(AliasPlan)) {
	for _, a := range p.Aliases {
		if a.Action == action {
			do(a)
		}
	}
}

// fingerprint binds a confirmation to what was shown: the same function in the
// same state, the same aliases, target and test.
func (p *Plan) fingerprint() error {
	text, err := json.Marshal([]any{p.ARN, p.To, p.latest.RevisionId, p.Aliases, p.request, p.Refusals})
	if err != nil {
		return fmt.Errorf("fingerprint of the plan: %w", err)
	}
	sum := sha256.Sum256(text)
	p.Fingerprint = hex.EncodeToString(sum[:8])
	return nil
}

// Refused is nil if the plan can be carried out.
func (p *Plan) Refused() error {
	if len(p.Refusals) == 0 {
		return nil
	}
	return &Refusal{strings.Join(p.Refusals, "; ")}
}

// operation is the journal's beginning for a plan.
func (p *Plan) operation(id string) journal.Operation {
	op := journal.Operation{ID: id, ARN: p.ARN, Function: p.Function, From: p.From, To: p.To, CodeHash: aws.ToString(p.latest.CodeSha256)}
	for _, a := range p.Aliases {
		op.Aliases = append(op.Aliases, journal.Alias{Name: a.Name, Version: a.Version})
	}
	return op
}
