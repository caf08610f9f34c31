package upgrade

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"serverless-mcp/internal/lambdaops/retry"
)

var (
	errChanged = errors.New("somebody changed the function meanwhile")
	errSlow    = errors.New("AWS is not done")
	errFailed  = errors.New("AWS could not do it")
)

// settled waits until a change of a function has settled, and returns what it
// has become, also with errFailed; errSlow is for one that takes too long.
func (u *Upgrader) settled(ctx context.Context, function, qualifier string) (*lambda.GetFunctionConfigurationOutput, error) {
	in := &lambda.GetFunctionConfigurationInput{FunctionName: &function}
	if qualifier != "" {
		in.Qualifier = &qualifier
	}
	deadline := u.o.Now().Add(u.o.UpdateTimeout)
	for pause := time.Second; ; pause = min(pause*2, 5*time.Second) {
		c, err := u.o.Lambda.GetFunctionConfiguration(ctx, in)
		if err != nil {
			return nil, err
		}
		switch {
		case c.State == types.StateFailed:
			return c, fmt.Errorf("%w: the function's state is Failed: %s", errFailed, aws.ToString(c.StateReason))
		case c.LastUpdateStatus == types.LastUpdateStatusFailed:
			return c, fmt.Errorf("%w: the last update is Failed: %s", errFailed, aws.ToString(c.LastUpdateStatusReason))
		case c.State != types.StatePending && c.LastUpdateStatus != types.LastUpdateStatusInProgress:
			return c, nil
		case !u.o.Now().Before(deadline):
			return nil, fmt.Errorf("%w: not settled after %v (state %s, last update %s)", errSlow, u.o.UpdateTimeout, c.State, c.LastUpdateStatus)
		}
		if err := u.o.Sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// test calls a version of a function and checks the response.
func (u *Upgrader) test(ctx context.Context, function, qualifier string, t Test) error {
	out, err := u.o.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Qualifier: &qualifier, Payload: t.payload()}, retry.Once)
	if err != nil {
		return err
	}
	return t.passes(out.Payload, aws.ToString(out.FunctionError))
}

// publish publishes $LATEST at a revision, and waits until the version is
// ready: with SnapStart that takes minutes.
func (u *Upgrader) publish(ctx context.Context, function, revision, hash, description string) (*lambda.GetFunctionConfigurationOutput, error) {
	out, err := u.o.Lambda.PublishVersion(ctx, &lambda.PublishVersionInput{
		FunctionName: &function, RevisionId: &revision, CodeSha256: &hash, Description: &description,
	})
	if err != nil {
		return nil, err
	}
	return u.settled(ctx, function, aws.ToString(out.Version))
}

// applied reports whether an update that failed was made all the same: when
// the response to it got lost, the SDK asks again, and is told that the revision
// is not the latest any more.
func (u *Upgrader) applied(ctx context.Context, p *Plan) bool {
	now, err := u.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &p.Function})
	return err == nil && string(now.Runtime) == p.To && aws.ToString(now.CodeSha256) == aws.ToString(p.latest.CodeSha256)
}
