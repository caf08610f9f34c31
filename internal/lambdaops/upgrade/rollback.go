package upgrade

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"serverless-mcp/internal/lambdaops/journal"
)

// LatestRemains is the outcome if $LATEST could not be put back and no alias had to be
// pointed back.
const LatestRemains = "not rolled back: $LATEST remains as it is, see problems; the published version has the old runtime"

// FunctionDeleted is the outcome if the function no longer exists.
const FunctionDeleted = "closed: the function was deleted"

// rollBack undoes the operation, even after the caller disconnected.
func (r *run) rollBack(ctx context.Context, cause error) Result {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.u.o.UpdateTimeout+2*time.Minute)
	defer cancel()
	return r.finish(r.undo(ctx), cause)
}

// undo reads the actual state and restores what this operation changed. It reports
// later changes by others and leaves them.
func (r *run) undo(ctx context.Context) (outcome string) {
	r.undoing = true
	r.problems = nil // the only one so far is a failed deletion of the copy, which is retried
	_ = r.deleteCopy(ctx)
	touched := slices.ContainsFunc(r.op.Aliases, func(a journal.Alias) bool { return len(a.Set) > 0 })
	if !r.op.Updated && !touched {
		return Untouched
	}
	state := original
	if r.op.Updated {
		state = r.readLatest(ctx)
	}
	// First point everything that callers use to versions with the old runtime.
	byAlias := r.restoreAliases(ctx, state)
	if state == ours && r.restoreLatest(ctx) {
		state = original
		r.restoreAliases(ctx, state)
	}
	if state == original {
		return RolledBack
	}
	for _, a := range r.op.Aliases {
		r.reportFollower(ctx, a)
	}
	if byAlias {
		return ByAlias
	}
	return LatestRemains
}

// restoreAliases points aliases back, and reports whether any of them is now where it should
// be. Aliases that followed $LATEST follow it again if $LATEST is restored, are pointed to
// the old version if $LATEST is as the upgrade left it, and stay if others changed $LATEST
// or its state is unknown.
func (r *run) restoreAliases(ctx context.Context, state latest) (back bool) {
	for i, a := range r.op.Aliases {
		to := a.Version
		if to == "$LATEST" && state == ours {
			to = r.op.Published
		} else if to == "$LATEST" && state != original {
			continue
		}
		back = r.restoreAlias(ctx, i, to) || back
	}
	return back
}

// restoreAlias points an alias to a version if the operation moved it and nothing else has
// moved it since. It reports whether the alias points to that version now.
func (r *run) restoreAlias(ctx context.Context, i int, to string) bool {
	a := r.op.Aliases[i]
	if len(a.Set) == 0 {
		return false
	}
	now, err := r.u.o.Lambda.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &r.op.Function, Name: &a.Name})
	if err == nil {
		switch v := aws.ToString(now.FunctionVersion); {
		case weighted(now.RoutingConfig):
			r.note("alias %s now has weighted routing; left unchanged", a.Name)
			return false
		case v == to:
			return true
		case v != a.Version && !slices.Contains(a.Set, v):
			r.note("alias %s was pointed to %s in the meantime; left unchanged", a.Name, v)
			return false
		default:
			err = r.point(ctx, i, v, to)
		}
	}
	if err != nil {
		r.problem("alias %s is not back on %s: %s", a.Name, to, ErrorText(err))
	}
	return err == nil
}

// reportFollower reports where an alias that followed $LATEST points now. It is called if
// $LATEST was not restored.
func (r *run) reportFollower(ctx context.Context, a journal.Alias) {
	if len(a.Set) == 0 || a.Version != "$LATEST" {
		return
	}
	now, err := r.u.o.Lambda.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &r.op.Function, Name: &a.Name})
	if err != nil {
		r.problem("alias %s could not be read: %s", a.Name, ErrorText(err))
	} else if v := aws.ToString(now.FunctionVersion); v == "$LATEST" {
		r.note("alias %s follows $LATEST; left unchanged", a.Name)
	} else {
		r.note("alias %s no longer follows $LATEST: it stays on version %s until it is pointed back", a.Name, v)
	}
}

func (r *run) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// note records a final result, once.
func (r *run) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(r.notes, text) {
		r.notes = append(r.notes, text)
	}
}
