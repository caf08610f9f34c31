package upgrade

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"serverless-mcp/internal/lambdaops/journal"
)

// run is an operation in progress, an upgrade or a rollback.
type run struct {
	u        *Upgrader
	op       journal.Operation
	undoing  bool     // steps are taken even if the journal cannot be written
	problems []string // what another rollback may fix
	notes    []string // final results
}

// Run executes a plan. It returns an error only if the operation was not begun; later
// failures are in the result.
func (u *Upgrader) Run(ctx context.Context, p *Plan) (Result, error) {
	if err := p.Refused(); err != nil {
		return Result{}, err
	}
	release, err := u.lock(p.ARN)
	if err != nil {
		return Result{}, err
	}
	defer release()
	op, err := u.o.Journal.Begin(p.operation(u.o.Journal.NewID()))
	if errors.Is(err, journal.ErrUnfinished) {
		return Result{}, refusal("an earlier operation on the function, %s, is not finished: call rollback_runtime with function %s", op.ID, p.Function)
	}
	if err != nil {
		return Result{}, err
	}
	r := &run{u: u, op: op}
	if cause := r.forward(ctx, p); cause != nil {
		return r.rollBack(ctx, cause), nil
	}
	return r.finish(Upgraded, nil), nil
}

func (r *run) forward(ctx context.Context, p *Plan) error {
	revision, err := r.publishOld(ctx, p)
	if err != nil {
		return err
	}
	if err := r.tryCopy(ctx, p); err != nil {
		return err
	}
	for i, a := range p.Aliases {
		if a.Action == Hold {
			if err := r.point(ctx, i, a.Version, r.op.Published); err != nil {
				return err
			}
		}
	}
	if revision, err = r.update(ctx, p, revision); err != nil {
		return err
	}
	if err := r.step(ctx, "test $LATEST", timeoutOf(p.latest), func(ctx context.Context) error {
		return r.u.test(ctx, p.Function, "$LATEST", p.request.Test)
	}); err != nil {
		return err
	}
	return r.shift(ctx, p, revision)
}

// step records a step in the journal, runs it, and records its outcome. takes is its
// maximum duration in addition to the update timeout.
func (r *run) step(ctx context.Context, name string, takes time.Duration, do func(context.Context) error) error {
	now := r.u.o.Now().UTC()
	r.op.Lease = now.Add(takes + r.u.o.UpdateTimeout + time.Minute)
	r.op.Steps = append(r.op.Steps, journal.Step{Name: name, State: journal.Started, At: now})
	at := len(r.op.Steps) - 1
	if err := r.u.o.Journal.Save(r.op); err != nil && !r.undoing {
		r.op.Steps[at].State = journal.Failed
		return &stepError{name, fmt.Errorf("not done, because the journal could not be written: %w", err)}
	}
	r.u.o.OnStep(ctx, at, name)
	err := do(ctx)
	r.op.Steps[at].State = journal.Done
	if err != nil {
		r.op.Steps[at].State, r.op.Steps[at].Detail = journal.Failed, ErrorText(err)
		err = &stepError{name, err}
	}
	_ = r.u.o.Journal.Save(r.op) // on an error the journal still has "started", and the next step fails
	return err
}

func timeoutOf(c *types.FunctionConfiguration) time.Duration {
	return time.Duration(aws.ToInt32(c.Timeout)) * time.Second
}

// finish closes the journal, or leaves it open if there are problems.
func (r *run) finish(outcome string, cause error) Result {
	if len(r.problems) > 0 {
		outcome = Incomplete
	}
	r.op.Lease = time.Time{}
	save := r.u.o.Journal.Save
	if outcome != Incomplete {
		r.op.Outcome, save = outcome, r.u.o.Journal.Finish
	}
	if err := save(r.op); err != nil {
		r.problems = append(r.problems, err.Error())
	}
	res := Result{Operation: r.op.ID, Outcome: outcome, Problems: append(r.problems, r.notes...), Journal: r.op}
	if cause != nil {
		res.Reason = reason(cause)
	}
	return res
}

// stepError is the error of a step.
type stepError struct {
	name string
	err  error
}

func (e *stepError) Error() string { return e.name + ": " + e.err.Error() }
func (e *stepError) Unwrap() error { return e.err }

// reason formats the failed step and the error.
func reason(err error) string {
	if step, ok := errors.AsType[*stepError](err); ok {
		return step.name + ": " + ErrorText(step.err)
	}
	return ErrorText(err)
}
