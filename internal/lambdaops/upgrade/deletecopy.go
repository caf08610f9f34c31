package upgrade

import (
	"context"
	"errors"
	"fmt"
	"serverless-mcp/internal/lambdaops/retry"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// lateCopy is how long after the request a copy may still appear, because the response
// was lost or because AWS is eventually consistent.
const lateCopy = time.Minute

// deleteCopy deletes the copy, even after the caller disconnected. It deletes only a
// function with this operation's tag.
func (r *run) deleteCopy(ctx context.Context) error {
	if r.op.Copy == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	name, undoing := r.op.Copy, r.undoing
	r.undoing = true // also without a journal
	err := r.step(ctx, "delete the copy "+name, 0, func(ctx context.Context) error {
		return r.u.deleteTagged(ctx, name, r.op.ID, r.op.CopyRequested.Add(lateCopy))
	})
	r.undoing = undoing
	if err != nil {
		r.problems = append(r.problems, fmt.Sprintf("the copy %s was not deleted: %s", name, ErrorText(err)))
		return err
	}
	r.op.Copy, r.op.CopyRequested = "", time.Time{}
	return nil
}

// deleteTagged deletes a function with an operation's tag. If the function does not exist,
// deleteTagged waits until the given time, because the function may still appear.
func (u *Upgrader) deleteTagged(ctx context.Context, name, operation string, until time.Time) error {
	for {
		gone, err := u.tryDelete(ctx, name, operation)
		switch {
		case gone && !u.o.Now().Before(until):
			return nil
		case !gone && apiCode(err) != "ResourceConflictException": // the function is still being created
			return err
		}
		if err := u.o.Sleep(ctx, 2*time.Second); err != nil {
			return err
		}
	}
}

// tryDelete deletes the function. gone reports whether the function does not exist.
func (u *Upgrader) tryDelete(ctx context.Context, name, operation string) (gone bool, err error) {
	if operation == "" { // "" would match every function without the tag
		return false, errors.New("the operation has no id to identify the copy by")
	}
	out, err := u.o.Lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &name})
	if err != nil {
		return retry.IsNotFound(err), err
	}
	if out.TagsError != nil {
		return false, errors.New(noTags(out.TagsError))
	}
	if out.Tags[TagOperation] != operation {
		return false, fmt.Errorf("it does not carry the tag %s=%s", TagOperation, operation)
	}
	_, err = u.o.Lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &name})
	if retry.IsNotFound(err) {
		return false, nil
	}
	return false, err
}

// noTags describes why a function's tags are unknown: GetFunction succeeds without
// them.
func noTags(e *types.TagsError) string {
	return fmt.Sprintf("the tags cannot be read (%s): check the permission lambda:ListTags", aws.ToString(e.ErrorCode))
}
