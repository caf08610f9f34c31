package main

import (
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"serverless-mcp/internal/emulator/awsfake"
)

// faults are the failures that a script asks for. They are not variables of the
// script, because servers read them while it runs.
type faults struct {
	mu     sync.Mutex
	values map[string]string
}

// newFaults adds the command "fault NAME=VALUE": DENIED and EXPIRED name an
// operation of AWS that fails, ACTION is the IAM action of the denied one, and
// STUBBORN=1 makes the server accept every key.
func newFaults(ts *testscript.TestScript) *faults {
	f := &faults{values: map[string]string{}}
	ts.SetCmd("fault", func(ts *testscript.TestScript, _ bool, args []string) {
		name, value, _ := strings.Cut(args[0], "=")
		f.mu.Lock()
		defer f.mu.Unlock()
		f.values[name] = value
	})
	return f
}

func (f *faults) get(name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.values[name]
}

// fault returns the fault to inject into an operation.
func (f *faults) fault(op string) *awsfake.Fault {
	switch op {
	case f.get("DENIED"):
		action := f.get("ACTION")
		if action == "" {
			action = op
		}
		return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "AccessDeniedException",
			Message: "User: arn:aws:iam::123456789012:user/x is not authorized to perform: " + action}}
	case f.get("EXPIRED"):
		return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "ExpiredTokenException", Message: "The security token included in the request is expired"}}
	}
	return nil
}
