package lambdaops

import (
	"fmt"
	"time"

	"serverless-mcp/internal/lambdaops/journal"
)

// unfinished is an operation that was left half done.
type unfinished struct {
	Operation string `json:"operation" doc:"its id"`
	Function  string `json:"function" doc:"the function's ARN, which may be of another region or account than this server's"`
	Started   string `json:"started" doc:"when it began"`
	LastStep  string `json:"last_step" doc:"the step that was taken last, and how it ended"`
	Advice    string `json:"advice" doc:"what to do"`
}

// unfinished says what earlier processes left half done, and which journals
// could not be read. Those stop the upgrade and rollback of their functions
// only; whoever just looks is told.
func (o *Ops) unfinished() (list []unfinished, unreadable []string) {
	open, err := o.o.Journal.Unfinished()
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			unreadable = append(unreadable, err.Error())
		}
	} else if err != nil {
		unreadable = append(unreadable, err.Error())
	}
	for _, op := range open {
		u := unfinished{Operation: op.ID, Function: op.ARN, Started: op.Started.Format(time.RFC3339), LastStep: "none", Advice: o.advice(op)}
		if n := len(op.Steps); n > 0 {
			u.LastStep = op.Steps[n-1].Name + " (" + op.Steps[n-1].State + ")"
		}
		list = append(list, u)
	}
	return list, unreadable
}

// advice says what to do about an operation that is half done. It offers only
// what this server can do: it has one region, and the journals are of all.
func (o *Ops) advice(op journal.Operation) string {
	undo := fmt.Sprintf("call rollback_runtime with function %q and dry_run: true to see what undoing it would do", op.ARN)
	switch {
	case op.Lease.After(o.o.Now()) && journal.MayBeRunning(op):
		return fmt.Sprintf("process %d may still be at work on it", op.PID)
	case journal.Region(op.ARN) != o.upgrader.Region():
		return fmt.Sprintf("it is in another region: start a lambdaops with --region %s, and there %s", journal.Region(op.ARN), undo)
	case o.o.ReadOnly:
		return "this server is read-only: start a lambdaops without --read-only, and there " + undo
	}
	return undo
}

// Instructions are what a client is told about the server when it connects,
// what was left half done first.
func (o *Ops) Instructions() string {
	text := "Looks after AWS Lambda functions of one account and region. Begin with list_functions (deprecated: true). "
	if o.o.ReadOnly {
		text += "This server is read-only: it offers no tool that changes anything."
	} else {
		text += "To move a function to another runtime use upgrade_runtime, first with dry_run: true: it tests on a copy, and rolls back by itself. Do not imitate it with other tools."
	}
	for _, line := range o.Interrupted() {
		text = "HALF DONE. Tell the user first: " + line + "\n\n" + text
	}
	return text
}

// Interrupted says in a line each what earlier processes left half done, or may
// have.
func (o *Ops) Interrupted() []string {
	open, unreadable := o.unfinished()
	var lines []string
	for _, u := range open {
		lines = append(lines, fmt.Sprintf("the upgrade of function %s (operation %s, begun %s) did not finish; its last step: %s; %s",
			u.Function, u.Operation, u.Started, u.LastStep, u.Advice))
	}
	for _, why := range unreadable {
		lines = append(lines, "an upgrade may not have finished: "+why)
	}
	return lines
}
