// Package upgrade moves a Lambda function to another runtime as one
// transaction: it either ends with the function on the new runtime and its
// test passed, or puts back what was there.
//
// AWS refuses a runtime after its block-update date for updates too, so the way
// back cannot be to set the old one again. It is a version, published before
// anything is changed: versions keep their runtime for ever, and aliases can be
// pointed to them. So the order is
//
//  1. publish a version of $LATEST as it is, and note every alias;
//  2. try the new runtime on a copy, which is always deleted;
//  3. point the aliases that follow $LATEST to the version, out of harm's way;
//  4. update $LATEST, by its revision, and wait until AWS is through;
//  5. test it;
//  6. publish a version with the new runtime and shift the aliases, last.
//
// Each step that changes something is written to a journal before it is taken;
// a rollback looks at what is really there and undoes that.
package upgrade

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/runtimes"
)

// Options are what an Upgrader works with.
type Options struct {
	Lambda        *lambda.Client                                    // required
	Journal       journal.Dir                                       // its Path is required
	Table         func(context.Context) runtimes.Table              // required
	HTTP          *http.Client                                      // downloads code; nil means one that gives up after 2 minutes
	Now           func() time.Time                                  // nil means time.Now
	Sleep         func(ctx context.Context, d time.Duration) error  // between looks at a change under way; nil waits in real time
	OnStep        func(ctx context.Context, done int, words string) // hears of each step before it is taken; nil means nobody does
	UpdateTimeout time.Duration                                     // how long AWS may take for a change; zero means 5 minutes
}

// Upgrader upgrades functions and undoes it.
type Upgrader struct{ o Options }

// New makes an Upgrader.
func New(o Options) *Upgrader {
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: 2 * time.Minute}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.OnStep == nil {
		o.OnStep = func(context.Context, int, string) {}
	}
	if o.UpdateTimeout == 0 {
		o.UpdateTimeout = 5 * time.Minute
	}
	return &Upgrader{o: o}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// lock keeps other calls and processes from a function.
func (u *Upgrader) lock(arn string) (release func(), err error) {
	release, err = u.o.Journal.Lock(arn)
	if errors.Is(err, journal.ErrLocked) {
		return nil, refuse("%v", err)
	}
	return release, err
}

// Request is what somebody wants upgraded.
type Request struct {
	Function         string // name, or ARN without a version
	Target           string // runtime; empty means the recommended successor
	Test             Test
	AcceptNoRollback bool // go on where $LATEST could not be put back
}

// Test is a call of the function and what must hold of its response. That the
// function does not fail is always asked.
type Test struct {
	Payload []byte // JSON; empty means {}
	Expect  []byte // JSON that the response must contain: objects field by field, anything else exactly; empty means anything
	Text    string // text that the response must contain; empty means anything
}

// The outcomes of an operation.
const (
	Upgraded   = "upgraded"
	Untouched  = "untouched"   // it failed before anything was changed
	RolledBack = "rolled back" // everything is as it was
	ByAlias    = "rolled back by alias; $LATEST stays as it is: see problems"
	Incomplete = "half done: see problems" // the journal stays open
)

// Result is what became of an operation.
type Result struct {
	Operation string
	Outcome   string
	Reason    string // why it did not end as wished
	Problems  []string
	Journal   journal.Operation
}

// Refusal is a reason for not even beginning.
type Refusal struct{ Reason string }

// Error is the reason.
func (r *Refusal) Error() string { return r.Reason }

func refuse(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// apiCode is AWS's name of an error, or empty.
func apiCode(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// ErrorText returns an error in words for people: AWS's code and message without the
// SDK's wrapping.
func ErrorText(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		text := e.ErrorCode() + ": " + e.ErrorMessage()
		if op, ok := errors.AsType[*smithy.OperationError](err); ok {
			text = op.Operation() + ": " + text
		}
		return text
	}
	return err.Error()
}

var nameForm = regexp.MustCompile(`^(arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:)?[a-zA-Z0-9_-]{1,64}$`)
