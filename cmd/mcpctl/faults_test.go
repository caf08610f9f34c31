package main

import (
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"serverless-mcp/internal/emulator/awsfake"
)

// wishes are what a script wants to go wrong. They are no variables of the
// script, because servers read them while the script runs.
type wishes struct {
	mu     sync.Mutex
	values map[string]string
}

// newWishes brings the command "wish NAME=VALUE": DENIED and EXPIRED name an
// operation of AWS, ACTION is what IAM calls it, STUBBORN=1 lets every key in.
func newWishes(ts *testscript.TestScript) *wishes {
	w := &wishes{values: map[string]string{}}
	ts.SetCmd("wish", func(ts *testscript.TestScript, _ bool, args []string) {
		name, value, _ := strings.Cut(args[0], "=")
		w.mu.Lock()
		defer w.mu.Unlock()
		w.values[name] = value
	})
	return w
}

func (w *wishes) get(name string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.values[name]
}

// fault is what goes wrong with an operation.
func (w *wishes) fault(op string) *awsfake.Fault {
	switch op {
	case w.get("DENIED"):
		action := w.get("ACTION")
		if action == "" {
			action = op
		}
		return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "AccessDeniedException",
			Message: "User: arn:aws:iam::123456789012:user/x is not authorized to perform: " + action}}
	case w.get("EXPIRED"):
		return &awsfake.Fault{Error: &awsfake.Error{Status: 403, Code: "ExpiredTokenException", Message: "The security token included in the request is expired"}}
	}
	return nil
}
