package upgrade

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// lateCopy is how long after it was asked for a copy may still appear: the
// answer got lost, or another part of AWS than the one that made it was asked.
const lateCopy = time.Minute

// deleteCopy deletes the copy, even if the caller has gone. It deletes nothing
// that does not carry this operation's tag.
func (r *run) deleteCopy(ctx context.Context) error {
	if r.op.Copy == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	name, undoing := r.op.Copy, r.undoing
	r.undoing = true // it is tried whether or not it can be written down
	err := r.step(ctx, "delete the copy "+name, 0, func(ctx context.Context) error {
		return r.u.deleteTagged(ctx, name, r.op.ID, r.op.CopyRequested.Add(lateCopy))
	})
	r.undoing = undoing
	if err != nil {
		r.problems = append(r.problems, fmt.Sprintf("the copy %s is not deleted: %s", name, ErrorText(err)))
		return err
	}
	r.op.Copy, r.op.CopyRequested = "", time.Time{}
	return nil
}

// deleteTagged deletes a function that carries an operation's tag. One that is
// not there may still appear until the given time, and is waited for.
func (u *Upgrader) deleteTagged(ctx context.Context, name, operation string, until time.Time) error {
	for {
		gone, err := u.tryDelete(ctx, name, operation)
		switch {
		case gone && !u.o.Now().Before(until):
			return nil
		case !gone && apiCode(err) != "ResourceConflictException": // which is for one that is still being made
			return err
		}
		if err := u.o.Sleep(ctx, 2*time.Second); err != nil {
			return err
		}
	}
}

// tryDelete reports whether there is no such function. Without an error, there
// was one, and it is deleted.
func (u *Upgrader) tryDelete(ctx context.Context, name, operation string) (gone bool, err error) {
	if operation == "" { // it would be that of every function without the tag
		return false, errors.New("the operation has no id, by which the copy could be known")
	}
	out, err := u.o.Lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &name})
	if err != nil {
		return notThere(err), err
	}
	if out.TagsError != nil {
		return false, errors.New(noTags(out.TagsError))
	}
	if out.Tags[TagOperation] != operation {
		return false, fmt.Errorf("it does not carry the tag %s=%s", TagOperation, operation)
	}
	_, err = u.o.Lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &name})
	if notThere(err) {
		return false, nil
	}
	return false, err
}

// noTags says why a function's tags are not known: AWS leaves them out, and
// answers all the same.
func noTags(e *types.TagsError) string {
	return fmt.Sprintf("its tags cannot be read (%s): the permission lambda:ListTags is missing", aws.ToString(e.ErrorCode))
}

func notThere(err error) bool { return apiCode(err) == "ResourceNotFoundException" }
