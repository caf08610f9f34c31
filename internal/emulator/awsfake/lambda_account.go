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
	"slices"
	"strconv"
	"sync"
)

// Lambda is a stand-in for the Lambda API: the calls that this project makes,
// with AWS's error names and its rules on revisions, pending states and blocked
// runtimes. It is an http.Handler.
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
	mode        string
	looks       int  // how often the change under way was looked at
	settling    bool // a creation or an update is under way
}

type lambdaVersion struct {
	LambdaConfig
	code []byte
}

// NewLambda makes an account with these functions in it.
func NewLambda(o LambdaOptions, functions ...LambdaFunction) *Lambda {
	o.Options = o.withDefaults()
	if o.Settle == nil {
		o.Settle = func(_ LambdaConfig, look int) (string, string) {
			if look < 2 {
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

// Function returns a function's configuration as it stands, and whether there
// is one of that name.
func (l *Lambda) Function(name string) (LambdaConfig, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, ok := l.functions[name]
	if !ok {
		return LambdaConfig{}, false
	}
	return f.LambdaConfig, true
}

// Functions returns the names of all functions, sorted.
func (l *Lambda) Functions() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.functions))
}

// Aliases returns which version each alias of a function points to.
func (l *Lambda) Aliases(name string) map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	to := map[string]string{}
	if f, ok := l.functions[name]; ok {
		for _, a := range f.aliases {
			to[a.Name] = a.FunctionVersion
		}
	}
	return to
}

// Runtime returns the runtime of a version of a function.
func (l *Lambda) Runtime(name, version string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.functions[name]; ok {
		if v, ok := f.at(version); ok {
			return v.Runtime
		}
	}
	return ""
}

// Tags returns a function's tags.
func (l *Lambda) Tags(name string) map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f, ok := l.functions[name]; ok {
		return maps.Clone(f.tags)
	}
	return nil
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
		code: f.Code,
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
		l.recode(made)
		l.publish(made, "")
	}
	for name, version := range f.Aliases {
		made.aliases[name] = &LambdaAlias{Name: name, FunctionVersion: version, AliasArn: made.FunctionArn + ":" + name, RevisionId: l.next()}
	}
	l.functions[c.FunctionName] = made
}

// complete fills in what AWS decides about a new function.
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
	l.recode(f)
}

func (l *Lambda) recode(f *lambdaFunction) {
	f.CodeSha256 = codeHash(f.code)
	f.CodeSize = len(f.code)
	l.touch(&f.LambdaConfig)
}

// touch gives a configuration a new revision and modification time.
func (l *Lambda) touch(c *LambdaConfig) {
	c.RevisionId = l.next()
	c.LastModified = l.o.Now().UTC().Format("2006-01-02T15:04:05.000-0700")
}

func (l *Lambda) next() string {
	l.revision++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", l.revision)
}

// at finds a version by its number, an alias's name, or "" for $LATEST.
func (f *lambdaFunction) at(qualifier string) (lambdaVersion, bool) {
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

// publish makes a version, unless nothing has changed since the last one: then
// AWS returns that one.
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
	v.RevisionId = l.next()
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

// look lets a change under way settle.
func (l *Lambda) look(f *lambdaFunction) {
	if !f.settling {
		return
	}
	f.looks++
	status, reason := l.o.Settle(f.LambdaConfig, f.looks)
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
	f.RevisionId = l.next()
}

func codeHash(code []byte) string {
	sum := sha256.Sum256(code)
	return base64.StdEncoding.EncodeToString(sum[:])
}
