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
	errChanged = errors.New("the function was changed in the meantime")
	errSlow    = errors.New("AWS has not finished")
	errFailed  = errors.New("AWS reports a failure")
)

// waitSettled waits until a change of a function is complete and returns the resulting
// configuration, also with errFailed. It returns errSlow after the update timeout.
func (u *Upgrader) waitSettled(ctx context.Context, function, qualifier string) (*lambda.GetFunctionConfigurationOutput, error) {
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
			return nil, fmt.Errorf("%w: not finished after %v (state %s, last update %s)", errSlow, u.o.UpdateTimeout, c.State, c.LastUpdateStatus)
		}
		if err := u.o.Sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// test invokes a version of a function and checks the response.
func (u *Upgrader) test(ctx context.Context, function, qualifier string, t Test) error {
	out, err := u.o.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Qualifier: &qualifier, Payload: t.Event()}, retry.Once)
	if err != nil {
		return err
	}
	return t.passes(out.Payload, aws.ToString(out.FunctionError))
}

// publish publishes $LATEST at a revision and waits until the version is ready, which
// takes minutes with SnapStart.
func (u *Upgrader) publish(ctx context.Context, function, revision, hash, description string) (*lambda.GetFunctionConfigurationOutput, error) {
	out, err := u.o.Lambda.PublishVersion(ctx, &lambda.PublishVersionInput{
		FunctionName: &function, RevisionId: &revision, CodeSha256: &hash, Description: &description,
	})
	if err != nil {
		return nil, err
	}
	return u.waitSettled(ctx, function, aws.ToString(out.Version))
}

// applied reports whether an update succeeded although its call failed: after a lost
// response the SDK repeats the call, which then fails because the revision has changed.
func (u *Upgrader) applied(ctx context.Context, p *Plan) bool {
	now, err := u.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &p.Function})
	return err == nil && string(now.Runtime) == p.To && aws.ToString(now.CodeSha256) == aws.ToString(p.latest.CodeSha256)
}
