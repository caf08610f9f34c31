// Package awsfake answers, on this machine and from memory, the AWS calls that
// this project makes: one [http.Handler] a service, one file each. The real
// SDK clients talk to them, pointed there by AWS_ENDPOINT_URL_<SERVICE>, so
// the code under test has no local branch.
//
// What a service refuses, it refuses with AWS's status, error name and
// message. What AWS documents as a quota is enforced, because running into it
// is what the callers have to survive. Signatures are not verified, only that
// there is one; CloudFormation looks at its region.
package awsfake

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Options are shared by all services.
type Options struct {
	Region  string                  // home of the resources; zero means us-east-1
	Account string                  // owner of the resources; zero means 123456789012
	Now     func() time.Time        // the clock; nil means time.Now
	Fail    func(op string) *Fault  // asked before each call is served, by operation name; nil, or a nil answer, means no fault
	Called  func(op, caller string) // told of each call, with the access key id it was signed with; nil means nobody listens
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
	return o
}

// Fault is what goes wrong with one call. The zero Fault changes nothing.
type Fault struct {
	Delay   func(ctx context.Context) // waits before anything else happens; nil means no wait, and a Fault with a Delay only is a slow call
	Error   *Error                    // answered in place of serving the call
	Garbage string                    // answered with status 200 in place of serving the call
	Hangup  bool                      // closes the connection without a response, as a service that is down
}

// Error is a refusal by its AWS name, as the SDK's clients surface it.
type Error struct {
	Status  int    // zero means 400
	Code    string // such as ResourceNotFoundException
	Message string
}

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

func (e *Error) status() int {
	if e.Status == 0 {
		return http.StatusBadRequest
	}
	return e.Status
}

func refuse(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// signer is what a Signature Version 4 header says about its sender.
type signer struct{ accessKeyID, region string }

// signerOf reads the credential scope of a request's signature. The signature
// itself is not checked: there is no secret to check it against.
func signerOf(r *http.Request) (signer, *Error) {
	scope, found := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=")
	scope, _, _ = strings.Cut(scope, ",")
	parts := strings.Split(scope, "/")
	if !found || len(parts) != 5 {
		return signer{}, &Error{Status: http.StatusForbidden, Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token"}
	}
	return signer{accessKeyID: parts[0], region: parts[2]}, nil
}
