// Package awsfake provides in-memory fakes of the AWS services that this project
// calls: one [http.Handler] per service. The real SDK clients are pointed at them by
// AWS_ENDPOINT_URL_<SERVICE>, so the code under test has no special case for them.
//
// Errors have AWS's status, name and message. Documented quotas are enforced, because
// callers must handle them. Every request needs a signature, but it is not verified;
// CloudFormation reads the region in it.
package awsfake

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options are shared by all services. Their functions are called for one request at a time.
type Options struct {
	Region  string                  // region of the resources; empty means us-east-1
	Account string                  // account of the resources; empty means 123456789012
	Now     func() time.Time        // the clock; nil means time.Now
	Fail    func(op string) *Fault  // returns the fault to inject into a call, by operation; nil, or a nil result, means none
	Called  func(op, caller string) // called for each call with its operation and access key id; nil means no callback

	calls *sync.Mutex // held while a function above is called
}

func (o Options) withDefaults() Options {
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Account == "" {
		o.Account = "123456789012"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.calls == nil {
		o.calls = new(sync.Mutex)
	}
	return o
}

// fault reports a call to Options.Called and returns the fault of Options.Fail, or nil.
func (o Options) fault(op, caller string) *Fault {
	o.calls.Lock()
	defer o.calls.Unlock()
	if o.Called != nil {
		o.Called(op, caller)
	}
	if o.Fail == nil {
		return nil
	}
	return o.Fail(op)
}

// Fault makes one call fail. The zero Fault changes nothing.
type Fault struct {
	Delay   func(ctx context.Context) // waits before the call is served or fails; nil means no wait
	Error   *Error                    // returned instead of serving the call
	Garbage string                    // body of a response with status 200, instead of serving the call
	Hangup  bool                      // closes the connection without a response, like a service that is down
}

// Error is an AWS error, which SDK clients return as a smithy.APIError.
type Error struct {
	Status  int    // zero means 400
	Code    string // such as ResourceNotFoundException
	Message string

	members map[string]any // further members of the body; nil means none
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func (e *Error) status() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

func newError(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// signer is the credential scope of a Signature Version 4 header.
type signer struct{ accessKeyID, region string }

// signerOf returns the credential scope of a request's signature. It does not verify
// the signature, as there is no secret to verify it with.
func signerOf(r *http.Request) (signer, *Error) {
	scope, found := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=")
	scope, _, _ = strings.Cut(scope, ",")
	parts := strings.Split(scope, "/")
	if !found || len(parts) != 5 {
		return signer{}, &Error{Status: http.StatusForbidden, Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token"}
	}
	return signer{accessKeyID: parts[0], region: parts[2]}, nil
}
