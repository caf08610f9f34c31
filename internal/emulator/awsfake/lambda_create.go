package awsfake

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

func (l *Lambda) create(r *http.Request) (any, error) {
	var in struct {
		LambdaConfig
		Layers []string
		Code   struct{ ZipFile []byte }
		Tags   map[string]string
	}
	if err := input(r, &in); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.functions[in.FunctionName]; ok {
		return nil, conflict("Function already exist: %s", in.FunctionName)
	}
	if err := l.blocked(in.Runtime); err != nil {
		return nil, err
	}
	for key := range in.Tags {
		if strings.HasPrefix(key, "aws:") {
			return nil, newError("InvalidParameterValueException", "Tag keys starting with 'aws:' are reserved for internal use")
		}
	}
	f := &lambdaFunction{LambdaConfig: in.LambdaConfig, code: in.Code.ZipFile, tags: in.Tags, aliases: map[string]*LambdaAlias{}, mode: "Auto"}
	for _, arn := range in.Layers {
		f.Layers = append(f.Layers, LambdaLayer{Arn: arn})
	}
	f.PackageType, f.State = "Zip", "Pending"
	l.complete(f)
	f.settling = true
	l.functions[in.FunctionName] = f
	return f.LambdaConfig, nil
}

func (l *Lambda) blocked(runtime string) error {
	if !slices.Contains(l.o.Blocked, runtime) {
		return nil
	}
	return newError("InvalidParameterValueException", "The runtime parameter of %s is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.", runtime)
}

// update rejects a call that sets a blocked runtime. A call that sets no runtime may change
// a function with a blocked runtime, except its code. AWS does not document this; others
// observed it:
// https://dev.classmethod.jp/articles/lambda-function-update-block-phase
func (l *Lambda) update(r *http.Request, f *lambdaFunction) (any, error) {
	var in struct {
		Runtime, RevisionId string
		MemorySize          int
	}
	if err := input(r, &in); err != nil {
		return nil, err
	}
	if err := f.checkSettled(); err != nil {
		return nil, err
	}
	if err := checkRevision(in.RevisionId, f.RevisionId); err != nil {
		return nil, err
	}
	if err := l.blocked(in.Runtime); err != nil {
		return nil, err
	}
	f.Runtime, f.MemorySize = cmp.Or(in.Runtime, f.Runtime), cmp.Or(in.MemorySize, f.MemorySize)
	f.LastUpdateStatus, f.LastUpdateStatusReason = "InProgress", ""
	f.settling, f.reads = true, 0
	l.touch(&f.LambdaConfig)
	return f.LambdaConfig, nil
}

// checkSettled returns an error while another change of the function is in progress.
func (f *lambdaFunction) checkSettled() error {
	if f.settling {
		return conflict("The operation cannot be performed at this time. An update is in progress for resource: %s", f.FunctionArn)
	}
	return nil
}

func checkRevision(given, current string) error {
	if given == "" || given == current {
		return nil
	}
	e := newError("PreconditionFailedException", "The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId")
	e.Status = http.StatusPreconditionFailed
	return e
}
