// Package lambdaops is the tools of a local MCP server for looking after Lambda
// functions: which run on a runtime that AWS is about to drop, and how to move
// them to another without breaking what depends on them.
//
// It works with the credentials of whoever starts it, so its own rules are
// about not doing harm by accident: values of environment variables are never
// shown; what changes something is asked for first; and an upgrade is one
// transaction (see [serverless-mcp/internal/lambdaops/upgrade]), not a row of
// calls that a model has to get right.
package lambdaops

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"serverless-mcp/internal/lambdaops/journal"
	"serverless-mcp/internal/lambdaops/runtimes"
	"serverless-mcp/internal/lambdaops/upgrade"
	"serverless-mcp/internal/tool"
)

// Options are what the tools work with.
type Options struct {
	Lambda        *lambda.Client                             // required; see package retry for its retryer
	Runtimes      *runtimes.Reader                           // required
	Journal       journal.Dir                                // its Path is required
	ReadOnly      bool                                       // offer no tool that changes anything
	HTTP          *http.Client                               // downloads code; nil as in [upgrade.Options]
	Now           func() time.Time                           // nil means time.Now
	Sleep         func(context.Context, time.Duration) error // nil waits in real time
	UpdateTimeout time.Duration                              // how long AWS may take for a change; zero as in [upgrade.Options]
}

// Ops is the tools and what they share.
type Ops struct {
	o        Options
	upgrader *upgrade.Upgrader
}

// New makes the tools.
func New(o Options) *Ops {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Ops{o: o, upgrader: upgrade.New(upgrade.Options{
		Lambda: o.Lambda, Journal: o.Journal, Table: o.Runtimes.Table,
		HTTP: o.HTTP, Now: o.Now, Sleep: o.Sleep, UpdateTimeout: o.UpdateTimeout,
		OnStep: func(ctx context.Context, _ int, words string) { callFrom(ctx).step(words) },
	})}
}

// Set is all that the server offers.
func (o *Ops) Set() tool.Set {
	set := tool.Set{Tools: []tool.Tool{o.runtimesInfo(), o.listFunctions(), o.getFunction()}}
	if !o.o.ReadOnly {
		set.Tools = append(set.Tools, o.invokeFunction(), o.upgradeRuntime(), o.rollbackRuntime())
		set.Prompts = append(set.Prompts, o.upgradePrompt())
	}
	for i, t := range set.Tools {
		set.Tools[i] = wrap(t)
	}
	return set
}

// forModel puts the errors that a model or its user can do something about into
// words; the rest stays as it is, for the log.
func forModel(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := tool.ForModel(err); ok {
		return err
	}
	if refusal, ok := errors.AsType[*upgrade.Refusal](err); ok {
		return tool.Errorf("refused, and nothing was changed: %s", refusal.Reason)
	}
	if broken, ok := errors.AsType[*journal.BrokenError](err); ok {
		return tool.Errorf("refused, and nothing was changed: %v", broken)
	}
	if _, ok := errors.AsType[smithy.APIError](err); ok {
		return tool.Errorf("AWS refused: %s", upgrade.ErrorText(err))
	}
	if op, ok := errors.AsType[*smithy.OperationError](err); ok {
		return tool.Errorf("AWS could not be asked (%s): %v. Check the credentials, the region and the connection", op.Operation(), op.Unwrap())
	}
	return err
}

// tableInfo says where dates are from.
type tableInfo struct {
	Source   string `json:"source" doc:"where the dates are from"`
	Date     string `json:"date" doc:"day on which they were true"`
	FromPage bool   `json:"from_page" doc:"whether AWS's page was read; false means the table that is built in"`
	Note     string `json:"note,omitempty" doc:"why the page was not read today, or what it lacks"`
}

func about(t runtimes.Table) tableInfo {
	return tableInfo{Source: t.Source, Date: string(t.Date), FromPage: t.FromPage, Note: t.Note}
}
