package upgrade

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// The tags that a copy carries, by which it can be found and told from
// functions that only have such a name.
const (
	TagCopyOf    = "lambdaops:copy-of"
	TagOperation = "lambdaops:operation"
)

// copyName is recognisable, and belongs to one operation.
func copyName(function, operation string) string {
	suffix := "-lambdaops-copy-" + operation[strings.LastIndex(operation, "-")+1:]
	return function[:min(len(function), 64-len(suffix))] + suffix
}

// tryCopy tests the new runtime on a copy, which is deleted whatever happens.
// A copy that could not be deleted is a failure too: nothing goes on over it.
func (r *run) tryCopy(ctx context.Context, p *Plan) error {
	r.op.Copy = copyName(p.Function, r.op.ID)
	name := r.op.Copy
	err := r.step(ctx, "copy the function as "+name+" with "+p.To, 2*time.Minute, func(ctx context.Context) error {
		return r.u.makeCopy(ctx, p, r.op.Published, name, r.op.ID)
	})
	if err == nil {
		err = r.step(ctx, "test the copy", timeoutOf(p.latest), func(ctx context.Context) error {
			return r.u.test(ctx, name, "$LATEST", p.request.Test)
		})
	}
	if problem := r.deleteCopy(ctx); problem != nil && err == nil {
		err = problem
	}
	return err
}

// makeCopy makes a function of a version's code and settings, with another
// runtime. Nothing calls it but we: triggers and permissions are not copied.
func (u *Upgrader) makeCopy(ctx context.Context, p *Plan, version, name, operation string) error {
	out, err := u.o.Lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &p.Function, Qualifier: &version})
	if err != nil {
		return err
	}
	c := out.Configuration
	if out.Code == nil || c == nil {
		return errors.New("AWS did not say where the code is")
	}
	code, err := u.download(ctx, aws.ToString(out.Code.Location), aws.ToString(c.CodeSha256))
	if err != nil {
		return err
	}
	in := &lambda.CreateFunctionInput{
		FunctionName: &name, Runtime: types.Runtime(p.To), Role: c.Role, Handler: c.Handler,
		Code:          &types.FunctionCode{ZipFile: code},
		Architectures: c.Architectures, MemorySize: c.MemorySize, Timeout: c.Timeout,
		EphemeralStorage: c.EphemeralStorage, FileSystemConfigs: c.FileSystemConfigs, KMSKeyArn: c.KMSKeyArn,
		LoggingConfig: c.LoggingConfig, // the original's log group, so that none is left over
		Description:   aws.String("copy of " + p.Function + " to test " + p.To + "; safe to delete"),
		Tags:          maps.Clone(p.tags),
	}
	if in.Tags == nil {
		in.Tags = map[string]string{}
	}
	maps.DeleteFunc(in.Tags, func(k, _ string) bool { return strings.HasPrefix(k, "aws:") }) // reserved
	in.Tags[TagCopyOf], in.Tags[TagOperation] = p.Function, operation
	for _, l := range c.Layers {
		in.Layers = append(in.Layers, aws.ToString(l.Arn))
	}
	if c.Environment != nil && len(c.Environment.Variables) > 0 {
		in.Environment = &types.Environment{Variables: c.Environment.Variables}
	}
	if c.VpcConfig != nil && len(c.VpcConfig.SubnetIds) > 0 {
		in.VpcConfig = &types.VpcConfig{SubnetIds: c.VpcConfig.SubnetIds, SecurityGroupIds: c.VpcConfig.SecurityGroupIds, Ipv6AllowedForDualStack: c.VpcConfig.Ipv6AllowedForDualStack}
	}
	if c.TracingConfig != nil {
		in.TracingConfig = &types.TracingConfig{Mode: c.TracingConfig.Mode}
	}
	if _, err := u.o.Lambda.CreateFunction(ctx, in); err != nil {
		return err
	}
	_, err = u.settled(ctx, name, "")
	return err
}

// download gets a function's code from where AWS keeps it.
func (u *Upgrader) download(ctx context.Context, from, hash string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, errors.New("download the code: bad address") // the address is a secret for as long as it is valid
	}
	resp, err := u.o.HTTP.Do(req)
	if err != nil {
		return nil, errors.New("download the code: no connection to where AWS keeps it")
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("download the code: status %s", resp.Status)
	}
	code, err := io.ReadAll(io.LimitReader(resp.Body, maxCopy+1))
	if err != nil {
		return nil, errors.New("download the code: the connection broke")
	}
	sum := sha256.Sum256(code)
	if base64.StdEncoding.EncodeToString(sum[:]) != hash {
		return nil, errors.New("download the code: it is not what AWS says it is (CodeSha256)")
	}
	return code, nil
}

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
		return r.u.deleteTagged(ctx, name, r.op.ID)
	})
	r.undoing = undoing
	if err != nil {
		r.problems = append(r.problems, fmt.Sprintf("the copy %s is not deleted: %s", name, Words(err)))
		return err
	}
	r.op.Copy = ""
	return nil
}

func (u *Upgrader) deleteTagged(ctx context.Context, name, operation string) error {
	for {
		out, err := u.o.Lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &name})
		if notThere(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if out.TagsError != nil {
			return errors.New(noTags(out.TagsError))
		}
		if out.Tags[TagOperation] != operation {
			return fmt.Errorf("it does not carry the tag %s=%s", TagOperation, operation)
		}
		_, err = u.o.Lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &name})
		if err == nil || notThere(err) {
			return nil
		}
		if apiCode(err) != "ResourceConflictException" {
			return err
		}
		if err := u.o.Sleep(ctx, 2*time.Second); err != nil { // it is still being made
			return err
		}
	}
}

// noTags says why a function's tags are not known: AWS leaves them out, and
// answers all the same.
func noTags(e *types.TagsError) string {
	return fmt.Sprintf("its tags cannot be read (%s): the permission lambda:ListTags is missing", aws.ToString(e.ErrorCode))
}

func notThere(err error) bool { return apiCode(err) == "ResourceNotFoundException" }
