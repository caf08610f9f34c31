package awsfake

import (
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"slices"
)

func (l *Lambda) listVersions(r *http.Request, f *lambdaFunction) (any, error) {
	all := []LambdaConfig{f.LambdaConfig}
	for _, v := range f.versions {
		all = append(all, v.LambdaConfig)
	}
	page, marker := paginate(r, all)
	return map[string]any{"Versions": page, "NextMarker": marker}, nil
}

func (l *Lambda) publishVersion(r *http.Request, f *lambdaFunction) (any, error) {
	var in struct{ RevisionId, Description, CodeSha256 string }
	if err := input(r, &in); err != nil {
		return nil, err
	}
	if err := f.checkSettled(); err != nil {
		return nil, err
	}
	if err := checkRevision(in.RevisionId, f.RevisionId); err != nil {
		return nil, err
	}
	if in.CodeSha256 != "" && in.CodeSha256 != f.CodeSha256 {
		return nil, newError("InvalidParameterValueException", "CodeSHA256 (%s) is different from current CodeSHA256 in $LATEST (%s). Please try again with the CodeSHA256 in $LATEST.", in.CodeSha256, f.CodeSha256)
	}
	return l.publish(f, in.Description), nil
}

func (l *Lambda) listAliases(r *http.Request, f *lambdaFunction) (any, error) {
	all := []LambdaAlias{}
	for _, name := range slices.Sorted(maps.Keys(f.aliases)) {
		all = append(all, *f.aliases[name])
	}
	page, marker := paginate(r, all)
	return map[string]any{"Aliases": page, "NextMarker": marker}, nil
}

func (l *Lambda) getAlias(r *http.Request, f *lambdaFunction) (any, error) {
	a, ok := f.aliases[r.PathValue("alias")]
	if !ok {
		return nil, notFound("Cannot find alias arn: %s:%s", f.FunctionArn, r.PathValue("alias"))
	}
	return *a, nil
}

func (l *Lambda) updateAlias(r *http.Request, f *lambdaFunction) (any, error) {
	a, ok := f.aliases[r.PathValue("alias")]
	if !ok {
		return nil, notFound("Cannot find alias arn: %s:%s", f.FunctionArn, r.PathValue("alias"))
	}
	var in struct {
		FunctionVersion, RevisionId string
		RoutingConfig               *LambdaRouting
	}
	if err := input(r, &in); err != nil {
		return nil, err
	}
	if err := checkRevision(in.RevisionId, a.RevisionId); err != nil {
		return nil, err
	}
	if _, ok := f.lookup(in.FunctionVersion); !ok {
		return nil, notFound("Function not found: %s:%s", f.FunctionArn, in.FunctionVersion)
	}
	if in.FunctionVersion != "" {
		a.FunctionVersion = in.FunctionVersion
	}
	if in.RoutingConfig != nil {
		a.RoutingConfig = in.RoutingConfig
	}
	a.RevisionId = l.nextRevision()
	return *a, nil
}

// invocation is the output of Invoke, which is not wrapped in JSON.
type invocation struct {
	LambdaResponse
	version string
	tail    bool
}

type invokeProtocol struct{ restProtocol }

func (invokeProtocol) writeResult(w http.ResponseWriter, _ string, result any) {
	a := result.(invocation)
	if a.Error != "" {
		w.Header().Set("X-Amz-Function-Error", a.Error)
	}
	if a.tail {
		tail := a.Log[max(0, len(a.Log)-4096):] // the last 4 KB, as on AWS
		w.Header().Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString([]byte(tail)))
	}
	w.Header().Set("X-Amz-Executed-Version", a.version)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(a.Payload) // fails if the caller has disconnected
}

// invoke holds the lock only while it looks up the code, so functions run
// concurrently.
func (l *Lambda) invoke(r *http.Request) (any, error) {
	payload, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	f, err := l.find(r)
	var v lambdaVersion
	if err == nil {
		v, err = l.version(r, f)
	}
	l.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if v.State == "Pending" {
		return nil, conflict("The operation cannot be performed at this time. The function is currently in the following state: Pending")
	}
	resp := l.o.Respond(LambdaInvocation{Function: v.LambdaConfig, Payload: payload})
	return invocation{resp, v.Version, r.Header.Get("X-Amz-Log-Type") == "Tail"}, nil
}

// download serves a function's code at GetFunction's Location. It requires no
// signature, like a presigned URL.
func (l *Lambda) download(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := l.find(r)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	v, ok := f.lookup(r.PathValue("version"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	_, _ = w.Write(v.code) // fails if the caller has disconnected
}
