package upgrade

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"serverless-mcp/internal/lambdaops/journal"
)

// Rollback is an operation that can be undone, and what that would do.
type Rollback struct {
	Operation   journal.Operation
	Steps       []string
	Fingerprint string

	gone bool // the function is
}

// PlanRollback finds a function's last operation and says what undoing it
// would do.
func (u *Upgrader) PlanRollback(ctx context.Context, function string) (*Rollback, error) {
	if !nameForm.MatchString(function) {
		return nil, refuse("%q is no function's name, nor an ARN without a version", function)
	}
	now, err := u.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &function})
	if notThere(err) {
		return u.planGone(ctx, function, err)
	}
	if err != nil {
		return nil, err
	}
	op, ok, err := u.o.Journal.Last(aws.ToString(now.FunctionArn))
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, refuse("no upgrade of %s is recorded on this machine", aws.ToString(now.FunctionArn))
	case op.Outcome == RolledBack || op.Outcome == Untouched || op.Outcome == FunctionDeleted:
		return nil, refuse("the last upgrade of %s, %s, is %s: there is nothing to undo", function, op.ID, op.Outcome)
	}
	if err := u.checkAtWork(op); err != nil {
		return nil, err
	}
	return &Rollback{Operation: op, Steps: undoing(op, now), Fingerprint: op.ID + " " + aws.ToString(now.RevisionId)}, nil
}

// undoing says what undoing an operation would do to the function as it is now.
func undoing(op journal.Operation, now *lambda.GetFunctionConfigurationOutput) (steps []string) {
	say := func(format string, args ...any) { steps = append(steps, fmt.Sprintf(format, args...)) }
	if op.Copy != "" {
		say("delete the copy %s, if it is there", op.Copy)
	}
	state, why := original, ""
	if op.Updated {
		state, why = judge(op, now)
	}
	for _, a := range op.Aliases {
		if len(a.Set) > 0 && (a.Version != "$LATEST" || state != others) {
			say("point alias %s to %s again, unless somebody has moved it since", a.Name, a.Version)
		}
	}
	switch state {
	case ours:
		say("put $LATEST back from %s to %s, if AWS still takes that; else point aliases that follow $LATEST to version %s", op.To, op.From, op.Published)
	case others:
		say("leave $LATEST on %s, and the aliases that follow it where they are: %s", now.Runtime, why)
	}
	if len(steps) == 0 {
		say("close the journal: nothing was changed")
	}
	return steps
}

// planGone closes the journal of a function that somebody has deleted, so that
// it is not told of for ever. All regions and accounts share the journals, and
// a name that is not there may be another one's: only what AWS denies by its
// full name is gone.
func (u *Upgrader) planGone(ctx context.Context, function string, missing error) (*Rollback, error) {
	open, err := u.o.Journal.Unfinished()
	if _, broken := errors.AsType[*journal.BrokenError](err); err != nil && !broken {
		return nil, err
	}
	for _, op := range open {
		if function != op.Function && function != op.ARN {
			continue
		}
		if region := journal.Region(op.ARN); region != u.Region() {
			missing = refuse("the unfinished upgrade %s is of %s: a lambdaops that was started with --region %s can undo it, this one is in %s", op.ID, op.ARN, region, u.Region())
			continue
		}
		_, err := u.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &op.ARN})
		switch {
		case notThere(err):
			return u.gone(op)
		case err == nil:
			missing = refuse("the unfinished upgrade %s is of %s: name the function by that", op.ID, op.ARN)
		default:
			missing = refuse("the unfinished upgrade %s is of %s, which cannot be looked at with these credentials: %s", op.ID, op.ARN, ErrorText(err))
		}
	}
	return nil, missing
}

func (u *Upgrader) gone(op journal.Operation) (*Rollback, error) {
	if err := u.checkAtWork(op); err != nil {
		return nil, err
	}
	b := &Rollback{Operation: op, gone: true, Fingerprint: op.ID, Steps: []string{"close the journal: the function is gone"}}
	if op.Copy != "" {
		b.Steps = slices.Insert(b.Steps, 0, "delete the copy "+op.Copy+", if it is there")
	}
	return b, nil
}

// checkAtWork refuses an operation whose process may still be at work.
func (u *Upgrader) checkAtWork(op journal.Operation) error {
	if op.Outcome == "" && op.Lease.After(u.o.Now()) && journal.MayBeRunning(op) {
		return refuse("operation %s may still be at work in process %d (it has until %s)", op.ID, op.PID, op.Lease.Format(time.RFC3339))
	}
	return nil
}

// Region is the region whose functions are looked after.
func (u *Upgrader) Region() string { return u.o.Lambda.Options().Region }

// Undo carries a rollback out.
func (u *Upgrader) Undo(ctx context.Context, b *Rollback) (Result, error) {
	op := b.Operation
	release, err := u.lock(op.ARN)
	if err != nil {
		return Result{}, err
	}
	defer release()
	// Another process may have undone it since it was looked at.
	if now, ok, err := u.o.Journal.Last(op.ARN); err != nil {
		return Result{}, err
	} else if !ok || !reflect.DeepEqual(now, op) {
		return Result{}, refuse("operation %s has gone on since it was looked at: look again", op.ID)
	}
	op = journal.Claim(op)
	if op.Outcome != "" { // a finished one is opened again, so that a rollback that is killed is told as well
		if op, err = u.o.Journal.Begin(op); err != nil {
			return Result{}, err
		}
	}
	r := &run{u: u, op: op, undoing: true}
	if b.gone {
		_ = r.deleteCopy(ctx)
		return r.finish(FunctionDeleted, nil), nil
	}
	return r.back(ctx, nil), nil
}
