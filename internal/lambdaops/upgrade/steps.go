package upgrade

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

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
// meantime. The new version is in the journal before the alias is updated.
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
		now, err := r.u.waitSettled(ctx, p.Function, "")
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
