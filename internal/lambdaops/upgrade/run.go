package upgrade

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"serverless-mcp/internal/lambdaops/journal"
)

// run is an operation in progress, an upgrade or a rollback.
type run struct {
	u        *Upgrader
	op       journal.Operation
	undoing  bool     // then an error of writing the journal is ignored
	problems []string // what another rollback may fix
	notes    []string // final results
}

// Run executes a plan. The error means that the operation was not begun; later failures
// are in the result.
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
		return Result{}, refuse("an earlier operation on the function, %s, is not finished: see rollback_runtime with function %s", op.ID, p.Function)
	}
	if err != nil {
		return Result{}, err
	}
	r := &run{u: u, op: op}
	if cause := r.forward(ctx, p); cause != nil {
		return r.back(ctx, cause), nil
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

// publishOld publishes the version to roll back to, and returns the revision of $LATEST
// afterwards.
func (r *run) publishOld(ctx context.Context, p *Plan) (revision string, err error) {
	err = r.step(ctx, "publish a version with "+p.From, 0, func(ctx context.Context) error {
		v, err := r.u.publish(ctx, p.Function, aws.ToString(p.latest.RevisionId), r.op.CodeHash, "before "+p.To+", by lambdaops "+r.op.ID)
		if err != nil {
			return err
		}
		if string(v.Runtime) != p.From || aws.ToString(v.CodeSha256) != r.op.CodeHash {
			return errChanged
		}
		r.op.Published = aws.ToString(v.Version)
		now, err := r.u.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &p.Function})
		if err != nil {
			return err
		}
		if why := differs(p.latest, now); why != "" {
			return fmt.Errorf("%w: different %s", errChanged, why)
		}
		revision = aws.ToString(now.RevisionId)
		return nil
	})
	return revision, err
}

// point points an alias from one version to another, unless it was moved in the
// meantime. The journal has the new version before the alias does.
func (r *run) point(ctx context.Context, i int, from, to string) error {
	a := &r.op.Aliases[i]
	if !slices.Contains(a.Set, to) {
		a.Set = append(a.Set, to)
	}
	return r.step(ctx, fmt.Sprintf("point alias %s from %s to %s", a.Name, from, to), 0, func(ctx context.Context) error {
		now, err := r.u.o.Lambda.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &r.op.Function, Name: &a.Name})
		if err != nil {
			return err
		}
		if v := aws.ToString(now.FunctionVersion); v != from {
			return fmt.Errorf("%w: the alias points to %s", errChanged, v)
		}
		if weighted(now.RoutingConfig) {
			return fmt.Errorf("%w: the alias has weighted routing", errChanged)
		}
		_, err = r.u.o.Lambda.UpdateAlias(ctx, &lambda.UpdateAliasInput{
			FunctionName: &r.op.Function, Name: &a.Name, FunctionVersion: &to, RevisionId: now.RevisionId,
		})
		return err
	})
}

// update sets the new runtime, waits, and returns the revision afterwards.
func (r *run) update(ctx context.Context, p *Plan, revision string) (after string, err error) {
	r.op.Updated = true
	err = r.step(ctx, "update $LATEST to "+p.To, 0, func(ctx context.Context) error {
		_, err := r.u.o.Lambda.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
			FunctionName: &p.Function, Runtime: types.Runtime(p.To), RevisionId: &revision,
		})
		if err != nil && !r.u.applied(ctx, p) {
			return err
		}
		now, err := r.u.settled(ctx, p.Function, "")
		if err != nil {
			return err
		}
		if string(now.Runtime) != p.To || aws.ToString(now.CodeSha256) != r.op.CodeHash {
			return errChanged
		}
		after = aws.ToString(now.RevisionId)
		return nil
	})
	return after, err
}

// shift publishes a version with the new runtime, points the aliases to it, and points
// those that follow $LATEST back to $LATEST.
func (r *run) shift(ctx context.Context, p *Plan, revision string) error {
	if slices.ContainsFunc(p.Aliases, func(a AliasPlan) bool { return a.Action == Shift }) {
		if err := r.step(ctx, "publish a version with "+p.To, 0, func(ctx context.Context) error {
			v, err := r.u.publish(ctx, p.Function, revision, r.op.CodeHash, p.To+", by lambdaops "+r.op.ID)
			if err != nil {
				return err
			}
			if string(v.Runtime) != p.To {
				return errChanged
			}
			r.op.Upgraded = aws.ToString(v.Version)
			return nil
		}); err != nil {
			return err
		}
	}
	for i, a := range p.Aliases {
		var err error
		switch a.Action {
		case Shift:
			err = r.point(ctx, i, a.Version, r.op.Upgraded)
		case Hold:
			err = r.point(ctx, i, r.op.Published, "$LATEST")
		}
		if err != nil {
			return err
		}
	}
	return nil
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
