package journal

import (
	"errors"
	"os"
	"time"
)

// Operation is one upgrade of one function: the state before it, and each step with
// its state.
type Operation struct {
	ID            string    `json:"id"` // start time and random characters
	ARN           string    `json:"arn"`
	Function      string    `json:"function"`
	From          string    `json:"from"` // runtime before
	To            string    `json:"to"`
	CodeHash      string    `json:"code_sha256"`         // of $LATEST before
	Published     string    `json:"published,omitempty"` // the version that keeps the old runtime
	Upgraded      string    `json:"upgraded,omitempty"`  // the version with the new runtime
	Copy          string    `json:"copy,omitempty"`      // name of the copy; empty once it is certainly deleted
	CopyRequested time.Time `json:"asked,omitzero"`      // time of the last request to create the copy; zero if there was none, or AWS rejected it
	Updated       bool      `json:"updated,omitempty"`   // $LATEST was, or was about to be, updated
	Aliases       []Alias   `json:"aliases,omitempty"`
	Steps         []Step    `json:"steps,omitempty"`
	Outcome       string    `json:"outcome,omitempty"` // empty until the operation is finished
	Started       time.Time `json:"started"`
	Written       time.Time `json:"written"`
	Lease         time.Time `json:"lease"` // until then the process may still be running
	PID           int       `json:"pid"`
	Host          string    `json:"host"`
}

// Alias is an alias as it was before the operation, and what the operation did to it.
type Alias struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Set     []string `json:"set,omitempty"` // every version to which the operation pointed it, or was about to
}

// Step is a step of an operation.
type Step struct {
	Name   string    `json:"name"`
	State  string    `json:"state"` // started, done or failed
	Detail string    `json:"detail,omitempty"`
	At     time.Time `json:"at"`
}

// ErrUnfinished is returned for a function that has an unfinished operation.
var ErrUnfinished = errors.New("an earlier operation on the function is not finished")

// Claim returns op with this process as its owner.
func Claim(op Operation) Operation {
	op.PID = os.Getpid()
	op.Host, _ = os.Hostname() // without a host name, only the lease counts
	return op
}
