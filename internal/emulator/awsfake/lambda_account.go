package awsfake

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"sync"
)

// Lambda is a fake of the Lambda API, an [http.Handler], with the operations that
// this project calls and AWS's rules on revisions, pending states and blocked
// runtimes.
type Lambda struct {
	o LambdaOptions

	mux *http.ServeMux

	mu        sync.Mutex
	functions map[string]*lambdaFunction
	revision  int
}

type lambdaFunction struct {
	LambdaConfig
	code        []byte
	tags        map[string]string
	aliases     map[string]*LambdaAlias
	versions    []lambdaVersion
	concurrency *int
	provisioned map[string]int
	sources     []string
	mode        string
	reads       int  // number of reads since the change in progress began
	settling    bool // a creation or an update is in progress
}

type lambdaVersion struct {
	LambdaConfig
	code []byte
}

// NewLambda returns a fake with these functions.
func NewLambda(o LambdaOptions, functions ...LambdaFunction) *Lambda {
	o.Options = o.withDefaults()
	if o.Settle == nil {
		o.Settle = func(_ LambdaConfig, read int) (string, string) {
			if read < 2 {
				return "", ""
			}
			return "Successful", ""
		}
	}
	if o.Respond == nil {
		o.Respond = func(i LambdaInvocation) LambdaResponse { return LambdaResponse{Payload: i.Payload} }
	}
	l := &Lambda{o: o, functions: map[string]*lambdaFunction{}}
	l.routes()
	for _, f := range functions {
		l.add(f)
	}
	return l
}

func (l *Lambda) add(f LambdaFunction) {
	c := f.Config
	c.Runtime = cmp.Or(c.Runtime, "nodejs18.x")
	c.PackageType = cmp.Or(c.PackageType, "Zip")
	if c.PackageType == "Image" {
		c.Runtime = ""
	}
	made := &lambdaFunction{
		LambdaConfig: c, tags: maps.Clone(f.Tags), aliases: map[string]*LambdaAlias{},
		concurrency: f.Concurrency, mode: cmp.Or(f.UpdateMode, "Auto"),
		code: f.Code, provisioned: f.Provisioned, sources: f.Sources,
	}
	if len(made.code) == 0 {
		made.code = []byte("code of " + c.FunctionName)
	}
	l.complete(made)
	final := made.code
	for i := range f.Versions {
		if i+1 < f.Versions {
			made.code = fmt.Appendf(nil, "%s, version %d", final, i+1)
		} else {
			made.code = final
		}
		l.updateCodeHash(made)
		l.publish(made, "")
	}
	for name, version := range f.Aliases {
		made.aliases[name] = &LambdaAlias{Name: name, FunctionVersion: version, AliasArn: made.FunctionArn + ":" + name, RevisionId: l.nextRevision()}
	}
	l.functions[c.FunctionName] = made
}

// complete sets the fields that AWS sets for a new function.
func (l *Lambda) complete(f *lambdaFunction) {
	f.FunctionArn = fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", l.o.Region, l.o.Account, f.FunctionName)
	f.Role = cmp.Or(f.Role, "arn:aws:iam::"+l.o.Account+":role/"+f.FunctionName)
	f.Timeout = cmp.Or(f.Timeout, 3)
	f.MemorySize = cmp.Or(f.MemorySize, 128)
	f.State = cmp.Or(f.State, "Active")
	f.LastUpdateStatus = cmp.Or(f.LastUpdateStatus, "Successful")
	f.Version = "$LATEST"
	if len(f.Architectures) == 0 {
		f.Architectures = []string{"x86_64"}
	}
	l.updateCodeHash(f)
}

// updateCodeHash sets the fields that depend on the code.
func (l *Lambda) updateCodeHash(f *lambdaFunction) {
	f.CodeSha256 = codeHash(f.code)
	f.CodeSize = len(f.code)
	l.touch(&f.LambdaConfig)
}

// touch sets a new revision and modification time.
func (l *Lambda) touch(c *LambdaConfig) {
	c.RevisionId = l.nextRevision()
	c.LastModified = l.o.Now().UTC().Format("2006-01-02T15:04:05.000-0700")
}

func (l *Lambda) nextRevision() string {
	l.revision++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", l.revision)
}

// lookup returns a version by its number or an alias; "" means $LATEST.
func (f *lambdaFunction) lookup(qualifier string) (lambdaVersion, bool) {
	if a, ok := f.aliases[qualifier]; ok {
		qualifier = a.FunctionVersion
	}
	if qualifier == "" || qualifier == "$LATEST" {
		return lambdaVersion{f.LambdaConfig, f.code}, true
	}
	n, err := strconv.Atoi(qualifier)
	if err != nil || n < 1 || n > len(f.versions) {
		return lambdaVersion{}, false
	}
	return f.versions[n-1], true
}

// publish creates a version. If nothing has changed since the last version, it
// returns the last version, as AWS does.
func (l *Lambda) publish(f *lambdaFunction, description string) LambdaConfig {
	if n := len(f.versions); n > 0 {
		last := f.versions[n-1]
		if bytes.Equal(last.code, f.code) && sameSettings(last.LambdaConfig, f.LambdaConfig) {
			return last.LambdaConfig
		}
	}
	v := lambdaVersion{f.LambdaConfig, f.code}
	v.Version = strconv.Itoa(len(f.versions) + 1)
	v.FunctionArn += ":" + v.Version
	v.Description = cmp.Or(description, v.Description)
	v.RevisionId = l.nextRevision()
	f.versions = append(f.versions, v)
	l.touch(&f.LambdaConfig) // publishing changes the revision of $LATEST
	return v.LambdaConfig
}

func sameSettings(a, b LambdaConfig) bool {
	same := func(c LambdaConfig) string {
		c.FunctionArn, c.Version, c.RevisionId, c.LastModified, c.Description = "", "", "", "", ""
		c.State, c.StateReason, c.LastUpdateStatus, c.LastUpdateStatusReason = "", "", "", ""
		text, _ := json.Marshal(c)
		return string(text)
	}
	return same(a) == same(b)
}

// settle updates the state of a change in progress; every read calls it.
func (l *Lambda) settle(f *lambdaFunction) {
	if !f.settling {
		return
	}
	f.reads++
	status, reason := l.o.Settle(f.LambdaConfig, f.reads)
	if status == "" {
		return
	}
	f.settling = false
	switch {
	case f.State != "Pending":
		f.LastUpdateStatus, f.LastUpdateStatusReason = status, reason
	case status == "Failed":
		f.State, f.StateReason = "Failed", reason
	default:
		f.State = "Active"
	}
	f.RevisionId = l.nextRevision()
}

func codeHash(code []byte) string {
	sum := sha256.Sum256(code)
	return base64.StdEncoding.EncodeToString(sum[:])
}
