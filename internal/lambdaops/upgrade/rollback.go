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

// Stuck is the outcome where there was no alias to go back by.
const Stuck = "not rolled back: AWS no longer takes the old runtime for $LATEST, but the published version has it"

// Gone is the outcome where somebody has deleted the function.
const Gone = "closed: the function is gone"

// back undoes what was done, though the caller may have gone.
func (r *run) back(ctx context.Context, cause error) Result {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.u.o.Patience+2*time.Minute)
	defer cancel()
	return r.finish(r.undo(ctx), cause)
}

// undo looks at what is there and puts back what this operation changed, and
// only that: what somebody else has changed since is left alone and told.
func (r *run) undo(ctx context.Context) (outcome string) {
	r.undoing = true
	r.problems = nil // the copy's, if any: it is tried again
	_ = r.deleteCopy(ctx)
	touched := slices.ContainsFunc(r.op.Aliases, func(a journal.Alias) bool { return len(a.Set) > 0 })
	if !r.op.Updated && !touched {
		return Untouched
	}
	// First everything that callers use goes to versions with the old runtime.
	for i, a := range r.op.Aliases {
		to := a.Version
		if to == "$LATEST" && r.op.Updated {
			to = r.op.Published
		}
		r.putBack(ctx, i, to)
	}
	if !r.op.Updated {
		return RolledBack
	}
	if !r.latestBack(ctx) {
		if touched {
			return ByAlias
		}
		return Stuck
	}
	for i, a := range r.op.Aliases {
		r.putBack(ctx, i, a.Version)
	}
	return RolledBack
}

// putBack points an alias to a version, if the operation had touched it and
// nobody else has since.
func (r *run) putBack(ctx context.Context, i int, to string) {
	a := r.op.Aliases[i]
	if len(a.Set) == 0 {
		return
	}
	now, err := r.u.o.Lambda.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &r.op.Function, Name: &a.Name})
	if err == nil {
		switch v := aws.ToString(now.FunctionVersion); {
		case v == to:
			return
		case v != a.Version && !slices.Contains(a.Set, v):
			r.note("alias %s: somebody has pointed it to %s since: left there", a.Name, v)
			return
		default:
			err = r.point(ctx, i, v, to)
		}
	}
	if err != nil {
		r.problem("alias %s is not back on %s: %s", a.Name, to, Words(err))
	}
}

func (r *run) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// note keeps what is final, once.
func (r *run) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(r.notes, text) {
		r.notes = append(r.notes, text)
	}
}

// latestBack puts $LATEST back to the old runtime, and reports whether it has it.
func (r *run) latestBack(ctx context.Context) bool {
	now, err := r.u.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &r.op.Function})
	switch {
	case err != nil:
		r.problem("$LATEST could not be looked at: %s", Words(err))
		return false
	case string(now.Runtime) == r.op.From && now.LastUpdateStatus != types.LastUpdateStatusInProgress:
		return true
	case string(now.Runtime) != r.op.To && string(now.Runtime) != r.op.From:
		r.note("$LATEST: somebody has set it to %s since: left there", now.Runtime)
		return false
	case aws.ToString(now.CodeSha256) != r.op.CodeHash:
		r.note("$LATEST: somebody has deployed other code since: left on %s", now.Runtime)
		return false
	}
	err = r.step(ctx, "put $LATEST back to "+r.op.From, 0, func(ctx context.Context) error {
		now, err := r.u.settled(ctx, r.op.Function, "")
		if err != nil && !errors.Is(err, errFailed) {
			return err
		}
		_, err = r.u.o.Lambda.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
			FunctionName: &r.op.Function, Runtime: types.Runtime(r.op.From), RevisionId: now.RevisionId,
		})
		if err != nil {
			return err
		}
		_, err = r.u.settled(ctx, r.op.Function, "")
		return err
	})
	if apiCode(err) == "InvalidParameterValueException" { // AWS's word for a runtime that it no longer takes
		r.note("$LATEST stays on %s: %s", r.op.To, Words(err))
		return false
	}
	if err != nil {
		r.problem("$LATEST is not back on %s: %s", r.op.From, Words(err))
		return false
	}
	return true
}
