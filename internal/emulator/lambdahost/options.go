package lambdahost

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Options describe one function. Name and Binary are required; every other
// zero value works.
type Options struct {
	// Name is the function's name, as in its ARN and its log group.
	Name string
	// Binary is the path of the compiled function, built for this machine.
	Binary string
	// Env is the function's own environment. Names that Lambda reserves are an
	// error, as they are at deployment.
	Env map[string]string
	// MemoryMB is the memory size in the function's environment and its REPORT
	// lines; it is not enforced. Zero means 128, Lambda's default.
	MemoryMB int
	// Timeout is how long one invoke may take. Zero means 3 s, Lambda's default.
	Timeout time.Duration
	// InitTimeout is how long the first init may take. Zero means 10 s, as on
	// Lambda.
	InitTimeout time.Duration
	// MaxInstances is how many invokes may run concurrently; one more returns
	// ErrThrottled. Zero means 100: an AWS account starts with 10 to 1,000.
	MaxInstances int
	// Grace is the time between SIGTERM and SIGKILL when an instance is stopped;
	// zero means 500 ms.
	Grace time.Duration
	// Region is the AWS region in ARNs and in the function's environment. Zero
	// means us-east-1.
	Region string
	// Log receives what CloudWatch would: the output of the processes and the
	// START, END and REPORT lines, one whole line a Write. Nil discards them.
	Log io.Writer
}

func (o Options) withDefaults() Options {
	o.MemoryMB = cmp.Or(o.MemoryMB, 128)
	o.Timeout = cmp.Or(o.Timeout, 3*time.Second)
	o.InitTimeout = cmp.Or(o.InitTimeout, 10*time.Second)
	o.MaxInstances = cmp.Or(o.MaxInstances, 100)
	o.Grace = cmp.Or(o.Grace, 500*time.Millisecond)
	o.Region = cmp.Or(o.Region, "us-east-1")
	if o.Log == nil {
		o.Log = io.Discard
	}
	// The child's working directory differs, so a relative path would not be found.
	if path, err := filepath.Abs(o.Binary); err == nil && o.Binary != "" {
		o.Binary = path
	}
	return o
}

// check reports all options that cannot work in one error.
func (o Options) check() error {
	var problems []string
	if o.Name == "" {
		problems = append(problems, "Name is empty")
	}
	if o.Binary == "" {
		problems = append(problems, "Binary is empty")
	}
	for name := range o.Env {
		if reserved(name) {
			problems = append(problems, fmt.Sprintf("environment variable %s is reserved by Lambda", name))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	slices.Sort(problems)
	return errors.New("function " + o.Name + ": " + strings.Join(problems, "; "))
}
