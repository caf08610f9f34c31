// Package upgrade moves a Lambda function to another runtime as one transaction: it
// ends with the function on the new runtime and a passed test, or it restores the
// previous state.
//
// After a runtime's block-update date AWS rejects it in updates, also for a rollback.
// Therefore the upgrade first publishes a version, which keeps its runtime forever and to
// which aliases can be pointed. The order is
//
//  1. publish a version of $LATEST as it is, and note every alias;
//  2. test the new runtime on a copy, which is always deleted;
//  3. point the aliases that follow $LATEST to that version, so that the update does not
//     affect their callers;
//  4. update $LATEST, unless its revision has changed, and wait until AWS has finished;
//  5. test it;
//  6. publish a version with the new runtime and shift the aliases, last.
//
// Each step that changes something is written to a journal before it is taken. A
// rollback reads the actual state and undoes the changes that it finds.
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

// Options configure [New].
type Options struct {
	Lambda        *lambda.Client                                   // required
	Journal       journal.Dir                                      // its Path is required
	Table         func(context.Context) runtimes.Table             // required
	HTTP          *http.Client                                     // downloads code; nil means a client with a timeout of 2 minutes
	Now           func() time.Time                                 // nil means time.Now
	Sleep         func(ctx context.Context, d time.Duration) error // pause between reads of a change in progress; nil waits in real time
	OnStep        func(ctx context.Context, done int, step string) // called before each step; nil means no callback
	UpdateTimeout time.Duration                                    // maximum time for AWS to finish a create or update; zero means 5 minutes
}

// Upgrader upgrades functions and rolls upgrades back.
type Upgrader struct{ o Options }

// New returns an Upgrader.
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
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// lock prevents other calls and processes from changing a function.
func (u *Upgrader) lock(arn string) (release func(), err error) {
	release, err = u.o.Journal.Lock(arn)
	if errors.Is(err, journal.ErrLocked) {
		return nil, refusal("%v", err)
	}
	return release, err
}

// Request describes an upgrade.
type Request struct {
	Function         string // name, or ARN without a version
	Target           string // runtime; empty means the recommended successor
	Test             Test
	AcceptNoRollback bool // upgrade even if $LATEST could not be put back
}

// Test is an invocation of the function and conditions on its response. The function
// must also not fail.
type Test struct {
	Payload []byte // JSON; empty means {}
	Expect  []byte // JSON that the response must contain; objects may have more members, other values must be equal; empty means anything
	Text    string // text that the response must contain; empty means anything
}

// The outcomes of an operation.
const (
	Upgraded   = "upgraded"
	Untouched  = "untouched"   // failed before anything was changed
	RolledBack = "rolled back" // everything is restored
	ByAlias    = "rolled back by alias; $LATEST remains as it is: see problems"
	Incomplete = "incomplete: see problems" // the journal stays open
)

// Result is the outcome of an operation.
type Result struct {
	Operation string
	Outcome   string
	Reason    string // why it failed
	Problems  []string
	Journal   journal.Operation
}

// Refusal is the reason why an operation was not begun.
type Refusal struct{ Reason string }

// Error returns the reason.
func (r *Refusal) Error() string { return r.Reason }

func refusal(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// apiCode returns AWS's code of an error, or "".
func apiCode(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	return ""
}

// ErrorText formats an error for people: AWS's code and message without the SDK's
// wrapping. It contains text from AWS.
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
