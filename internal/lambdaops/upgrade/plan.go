package upgrade

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/usage"
)

// maxCopy is the maximum size of code in a CreateFunction request.
const maxCopy = 50 << 20

// Plan is what an upgrade would do. Creating it only reads.
type Plan struct {
	Function, ARN string
	From, To      string
	Aliases       []AliasPlan
	LatestBack    bool     // $LATEST can be put back to the old runtime
	NoWayBack     string   // why $LATEST cannot be put back; empty if LatestBack is true or From is empty
	Steps         []string // for people; none if the plan is refused
	Warnings      []string // none if the plan is refused
	Refusals      []string // reasons why the upgrade is refused; empty means that it can run
	Fingerprint   string   // hash of everything that the plan depends on

	request Request
	latest  *types.FunctionConfiguration
	tags    map[string]string
	usage   usage.Usage
}

// Test returns the test of the plan.
func (p *Plan) Test() Test { return p.request.Test }

// Plan reads the function and returns what an upgrade would do, or why it is refused. It
// returns an error if the function cannot be read, and a [Refusal] if the request is invalid.
func (u *Upgrader) Plan(ctx context.Context, r Request) (*Plan, error) {
	if !nameForm.MatchString(r.Function) {
		return nil, refusal("%q is neither a function's name nor an ARN without a version", r.Function)
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
	table := u.o.Table(ctx)
	p.To = r.Target
	if p.To == "" {
		p.To = table.Successor(p.From, u.o.Now())
	}
	if out.TagsError != nil {
		p.refuse("%s. The tags identify the test copy that is to be deleted, and show whether a template owns the function", noTags(out.TagsError))
	}
	p.checkFunction()
	p.checkTarget(table, u)
	for _, check := range []func(context.Context, *Plan) error{u.checkManagement, u.planAliases, u.checkJournal, u.readUsage} {
		if err := check(ctx, p); err != nil {
			return nil, err
		}
	}
	if err := p.fingerprint(); err != nil {
		return nil, err
	}
	if len(p.Refusals) > 0 {
		p.Aliases = nil // nothing would happen to them
		return p, nil
	}
	p.warn(table)
	p.describe()
	return p, nil
}

// readUsage reads which versions of the function are in use.
func (u *Upgrader) readUsage(ctx context.Context, p *Plan) (err error) {
	if p.From != "" {
		p.usage, err = (&usage.Reader{Lambda: u.o.Lambda}).Of(ctx, p.Function, p.ARN)
	}
	return err
}

func (p *Plan) refuse(format string, args ...any) {
	p.Refusals = append(p.Refusals, fmt.Sprintf(format, args...))
}

// describe sets the steps.
func (p *Plan) describe() {
	add := func(format string, args ...any) { p.Steps = append(p.Steps, fmt.Sprintf(format, args...)) }
	add("publish $LATEST (%s) as a version to roll back to", p.From)
	add("copy the function with %s, test the copy, delete it", p.To)
	p.eachAlias(Hold, func(a AliasPlan) { add("point alias %s from $LATEST to the published version", a.Name) })
	add("update $LATEST to %s and wait for it", p.To)
	add("test $LATEST")
	shift := false
	p.eachAlias(Shift, func(AliasPlan) { shift = true })
	if shift {
		add("publish $LATEST (%s) as a new version", p.To)
	}
	p.eachAlias(Shift, func(a AliasPlan) { add("shift alias %s from version %s to the new version", a.Name, a.Version) })
	p.eachAlias(Hold, func(a AliasPlan) { add("point alias %s to $LATEST again", a.Name) })
	back := "put $LATEST back to " + p.From
	if !p.LatestBack {
		back = "leave $LATEST on " + p.To + ": " + p.NoWayBack
	}
	add("if anything fails from the update on: point the aliases back, and %s", back)
}

func (p *Plan) eachAlias(action string, do func(AliasPlan)) {
	for _, a := range p.Aliases {
		if a.Action == action {
			do(a)
		}
	}
}

// fingerprint sets a hash that binds a confirmation to the plan that was shown: the
// function and its state, the aliases and users, the target and the test.
func (p *Plan) fingerprint() error {
	text, err := json.Marshal([]any{p.ARN, p.To, p.latest.RevisionId, p.Aliases, p.request, p.Refusals, p.usage.Latest, p.usage.Versions})
	if err != nil {
		return fmt.Errorf("fingerprint of the plan: %w", err)
	}
	sum := sha256.Sum256(text)
	p.Fingerprint = hex.EncodeToString(sum[:8])
	return nil
}

// Refused returns a [Refusal] with all reasons, or nil if the plan can run.
func (p *Plan) Refused() error {
	if len(p.Refusals) == 0 {
		return nil
	}
	return &Refusal{strings.Join(p.Refusals, "; ")}
}

// operation returns the journal's first entry for a plan.
func (p *Plan) operation(id string) journal.Operation {
	op := journal.Operation{ID: id, ARN: p.ARN, Function: p.Function, From: p.From, To: p.To, CodeHash: aws.ToString(p.latest.CodeSha256)}
	for _, a := range p.Aliases {
		op.Aliases = append(op.Aliases, journal.Alias{Name: a.Name, Version: a.Version})
	}
	return op
}
