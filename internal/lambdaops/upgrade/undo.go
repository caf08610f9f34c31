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
	"serverless-mcp/internal/lambdaops/retry"
)

// Rollback is the plan to undo an operation.
type Rollback struct {
	Operation   journal.Operation
	Steps       []string
	Fingerprint string

	gone bool // the function no longer exists
}

// PlanRollback returns the plan to undo a function's last operation.
func (u *Upgrader) PlanRollback(ctx context.Context, function string) (*Rollback, error) {
	if !nameForm.MatchString(function) {
		return nil, refusal("%q is neither a function's name nor an ARN without a version", function)
	}
	now, err := u.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &function})
	if retry.IsNotFound(err) {
		return u.planMissing(ctx, function, err)
	}
	if err != nil {
		return nil, err
	}
	op, ok, err := u.o.Journal.Last(aws.ToString(now.FunctionArn))
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, refusal("no upgrade of %s is recorded on this machine", aws.ToString(now.FunctionArn))
	case op.Outcome == RolledBack || op.Outcome == Untouched || op.Outcome == FunctionDeleted:
		return nil, refusal("the last upgrade of %s, %s, is %s: there is nothing to undo", function, op.ID, op.Outcome)
	}
	if err := u.checkNotRunning(op); err != nil {
		return nil, err
	}
	return &Rollback{Operation: op, Steps: undoSteps(op, now), Fingerprint: op.ID + " " + aws.ToString(now.RevisionId)}, nil
}

// undoSteps returns the steps of undoing an operation in the function's current state.
func undoSteps(op journal.Operation, now *lambda.GetFunctionConfigurationOutput) (steps []string) {
	add := func(format string, args ...any) { steps = append(steps, fmt.Sprintf(format, args...)) }
	if op.Copy != "" {
		add("delete the copy %s, if it exists", op.Copy)
	}
	state, why := original, ""
	if op.Updated {
		state, why = latestState(op, now)
	}
	for _, a := range op.Aliases {
		if len(a.Set) > 0 && (a.Version != "$LATEST" || state != others) {
			add("point alias %s back to %s, unless it was moved in the meantime", a.Name, a.Version)
		}
	}
	switch state {
	case ours:
		add("put $LATEST back from %s to %s, if AWS still accepts that; otherwise point aliases that follow $LATEST to version %s", op.To, op.From, op.Published)
	case others:
		add("leave $LATEST on %s and the aliases that follow it unchanged: %s", now.Runtime, why)
	}
	if len(steps) == 0 {
		add("close the journal: nothing was changed")
	}
	return steps
}

// planMissing returns the plan to close the journal of a deleted function, which would
// otherwise be reported forever. All regions and accounts share the directory of journals,
// so a function that is not found by its name may exist elsewhere; only if it is not found
// by its ARN was it deleted.
func (u *Upgrader) planMissing(ctx context.Context, function string, missing error) (*Rollback, error) {
	open, err := u.o.Journal.Unfinished()
	if _, broken := errors.AsType[*journal.BrokenError](err); err != nil && !broken {
		return nil, err
	}
	for _, op := range open {
		if function != op.Function && function != op.ARN {
			continue
		}
		if region := journal.Region(op.ARN); region != u.Region() {
			missing = refusal("the unfinished upgrade %s is of %s: a lambdaops started with --region %s can undo it; this one is in %s", op.ID, op.ARN, region, u.Region())
			continue
		}
		_, err := u.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &op.ARN})
		switch {
		case retry.IsNotFound(err):
			return u.planDeleted(op)
		case err == nil:
			missing = refusal("the unfinished upgrade %s is of %s: pass this ARN as the function", op.ID, op.ARN)
		default:
			missing = refusal("the unfinished upgrade %s is of %s, which cannot be read with these credentials: %s", op.ID, op.ARN, ErrorText(err))
		}
	}
	return nil, missing
}

func (u *Upgrader) planDeleted(op journal.Operation) (*Rollback, error) {
	if err := u.checkNotRunning(op); err != nil {
		return nil, err
	}
	b := &Rollback{Operation: op, gone: true, Fingerprint: op.ID, Steps: []string{"close the journal: the function was deleted"}}
	if op.Copy != "" {
		b.Steps = slices.Insert(b.Steps, 0, "delete the copy "+op.Copy+", if it exists")
	}
	return b, nil
}

// checkNotRunning refuses an operation whose process may still be running.
func (u *Upgrader) checkNotRunning(op journal.Operation) error {
	if op.Outcome == "" && op.Lease.After(u.o.Now()) && journal.MayBeRunning(op) {
		return refusal("operation %s may still be running in process %d (until %s)", op.ID, op.PID, op.Lease.Format(time.RFC3339))
	}
	return nil
}

// Region returns the region of the Lambda client.
func (u *Upgrader) Region() string { return u.o.Lambda.Options().Region }

// Undo executes a rollback.
func (u *Upgrader) Undo(ctx context.Context, b *Rollback) (Result, error) {
	op := b.Operation
	release, err := u.lock(op.ARN)
	if err != nil {
		return Result{}, err
	}
	defer release()
	// Another process may have undone the operation since the plan was made.
	if now, ok, err := u.o.Journal.Last(op.ARN); err != nil {
		return Result{}, err
	} else if !ok || !reflect.DeepEqual(now, op) {
		return Result{}, refusal("operation %s has changed since the plan was made: plan again", op.ID)
	}
	op = journal.Claim(op)
	if op.Outcome != "" { // reopen a finished operation, so that an interrupted rollback is reported too
		if op, err = u.o.Journal.Begin(op); err != nil {
			return Result{}, err
		}
	}
	r := &run{u: u, op: op, undoing: true}
	if b.gone {
		_ = r.deleteCopy(ctx)
		return r.finish(FunctionDeleted, nil), nil
	}
	return r.rollBack(ctx, nil), nil
}
