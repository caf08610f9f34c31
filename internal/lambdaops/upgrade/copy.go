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
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The tags of a copy distinguish it from functions with a similar name.
const (
	TagCopyOf    = "lambdaops:copy-of"
	TagOperation = "lambdaops:operation"
)

// copyName returns a recognizable name that is unique to the operation.
func copyName(function, operation string) string {
	suffix := "-lambdaops-copy-" + operation[strings.LastIndex(operation, "-")+1:]
	return function[:min(len(function), 64-len(suffix))] + suffix
}

// tryCopy tests the new runtime on a copy, and deletes the copy whether or not it passes.
// Failing to delete the copy also fails the upgrade.
func (r *run) tryCopy(ctx context.Context, p *Plan) error {
	r.op.Copy = copyName(p.Function, r.op.ID)
	name := r.op.Copy
	err := r.step(ctx, "copy the function as "+name+" with "+p.To, 2*time.Minute, func(ctx context.Context) error {
		in, err := r.u.copyOf(ctx, p, r.op.Published, name, r.op.ID)
		if err != nil {
			return err
		}
		return r.create(ctx, in)
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

// create creates the copy and records the request in the journal. If the response is
// lost, AWS may still create the copy, possibly later.
func (r *run) create(ctx context.Context, in *lambda.CreateFunctionInput) error {
	r.op.CopyRequested = r.u.o.Now().UTC()
	if err := r.u.o.Journal.Save(r.op); err != nil {
		r.op.CopyRequested = time.Time{}
		return fmt.Errorf("not done, because the journal could not be written: %w", err)
	}
	_, err := r.u.o.Lambda.CreateFunction(ctx, in)
	r.op.CopyRequested = r.u.o.Now().UTC()
	if refused(err) {
		r.op.CopyRequested = time.Time{}
	}
	if err != nil {
		return err
	}
	_, err = r.u.waitSettled(ctx, *in.FunctionName, "")
	return err
}

// refused reports whether AWS certainly did not carry out a call. After a conflict or
// throttling that is unknown: the SDK may have repeated a call whose response was lost.
func refused(err error) bool {
	resp, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok {
		return false
	}
	switch code := resp.HTTPStatusCode(); code {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests:
		return false
	default:
		return code >= 400 && code < 500
	}
}

// copyOf returns the request to create a function with a version's code and settings and
// another runtime. It leaves out triggers and permissions, so only the test calls the copy.
func (u *Upgrader) copyOf(ctx context.Context, p *Plan, version, name, operation string) (*lambda.CreateFunctionInput, error) {
	out, err := u.o.Lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &p.Function, Qualifier: &version})
	if err != nil {
		return nil, err
	}
	c := out.Configuration
	if out.Code == nil || c == nil {
		return nil, errors.New("AWS returned no location of the code")
	}
	code, err := u.download(ctx, aws.ToString(out.Code.Location), aws.ToString(c.CodeSha256))
	if err != nil {
		return nil, err
	}
	in := &lambda.CreateFunctionInput{
		FunctionName: &name, Runtime: types.Runtime(p.To), Role: c.Role, Handler: c.Handler,
		Code:          &types.FunctionCode{ZipFile: code},
		Architectures: c.Architectures, MemorySize: c.MemorySize, Timeout: c.Timeout,
		EphemeralStorage: c.EphemeralStorage, FileSystemConfigs: c.FileSystemConfigs, KMSKeyArn: c.KMSKeyArn,
		LoggingConfig: c.LoggingConfig, // the original's log group, so that no new log group is left behind
		Description:   aws.String("copy of " + p.Function + " to test " + p.To + "; safe to delete"),
		Tags:          maps.Clone(p.tags),
	}
	if in.Tags == nil {
		in.Tags = map[string]string{}
	}
	maps.DeleteFunc(in.Tags, func(k, _ string) bool { return strings.HasPrefix(k, "aws:") }) // reserved by AWS
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
	return in, nil
}

// download downloads a function's code and checks its hash.
func (u *Upgrader) download(ctx context.Context, from, hash string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, errors.New("download the code: invalid URL") // the presigned URL is a credential
	}
	resp, err := u.o.HTTP.Do(req)
	if err != nil {
		return nil, errors.New("download the code: no connection to the storage")
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
		return nil, errors.New("download the code: its hash differs from CodeSha256")
	}
	return code, nil
}
