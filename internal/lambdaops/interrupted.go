package lambdaops

import (
	"fmt"
	"time"

	"serverless-mcp/internal/lambdaops/journal"
)

// unfinished is an interrupted operation.
type unfinished struct {
	Operation string `json:"operation" doc:"id of the upgrade"`
	Function  string `json:"function" doc:"the function's ARN; its region and account may differ from this server's"`
	Started   string `json:"started" doc:"start time"`
	LastStep  string `json:"last_step" doc:"the last step and how it ended"`
	Advice    string `json:"advice" doc:"what to do"`
}

// unfinished returns the interrupted operations of earlier processes, and the errors
// of journals that cannot be read. An unreadable journal blocks upgrades and rollbacks of
// its function only.
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

// advice returns what to do about an interrupted operation. The directory has the journals
// of all regions, but this server can undo only operations in its own region.
func (o *Ops) advice(op journal.Operation) string {
	undo := fmt.Sprintf("call rollback_runtime with function %q and dry_run: true to see what undoing it would do", op.ARN)
	switch {
	case op.Lease.After(o.o.Now()) && journal.MayBeRunning(op):
		return fmt.Sprintf("process %d may still be working on it", op.PID)
	case journal.Region(op.ARN) != o.upgrader.Region():
		return fmt.Sprintf("it is in another region: start lambdaops with --region %s, and there %s", journal.Region(op.ARN), undo)
	case o.o.ReadOnly:
		return "this server is read-only: start lambdaops without --read-only, and there " + undo
	}
	return undo
}

// Instructions returns the server's instructions for clients, beginning with the
// interrupted operations.
func (o *Ops) Instructions() string {
	text := "Maintains AWS Lambda functions of one account and region. Begin with list_functions (deprecated: true). " + dataNotice + " "
	if o.o.ReadOnly {
		text += "This server is read-only: it has no tools that change anything."
	} else {
		text += "To move a function to another runtime use upgrade_runtime, first with dry_run: true: it tests on a copy and rolls back by itself. Do not imitate it with other tools."
	}
	for _, line := range o.Interrupted() {
		text = "INTERRUPTED UPGRADE. Tell the user first: " + line + "\n\n" + text
	}
	return text
}

// Interrupted returns one line for each operation that an earlier process did not
// finish, or may not have finished.
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
