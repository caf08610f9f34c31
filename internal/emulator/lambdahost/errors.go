package lambdahost

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Payload limits of a buffered invoke, as Lambda's own error messages state
// them. The answer may be 100 bytes larger than the event.
const (
	MaxRequestBytes  = 6_291_456
	MaxResponseBytes = 6_291_556
)

// What Invoke and InvokeStream return besides *FunctionError.
var (
	// ErrThrottled is Lambda's 429: every instance is busy and no more may start.
	ErrThrottled = errors.New("TooManyRequestsException: Rate Exceeded")
	// ErrTooLarge is Lambda's 413: the event is over MaxRequestBytes. (An answer
	// over its limit is a *FunctionError: the caller did nothing wrong.)
	ErrTooLarge = fmt.Errorf("RequestEntityTooLargeException: Request must be smaller than %d bytes for the InvokeFunction operation", MaxRequestBytes)
	// ErrTimeout matches, by errors.Is, the *FunctionError of an invoke that ran
	// into the function's time-out.
	ErrTimeout = errors.New("task timed out")
	// ErrClosed says that the function was closed before it responded.
	ErrClosed = errors.New("function is closed")
)

// Lambda's own error types; a function may report others.
const (
	TypeTimeout           = "Sandbox.Timedout"
	TypeExit              = "Runtime.ExitError"
	TypeInit              = "Runtime.InitError"
	TypeInvalidEntrypoint = "Runtime.InvalidEntrypoint"
	TypeTruncated         = "Runtime.TruncatedResponse"
	TypeUnknown           = "Runtime.Unknown"
	TypeResponseTooLarge  = "Function.ResponseSizeTooLarge"
)

// FunctionError says that the function ran and failed; Lambda answers such an
// invoke with 200 and the header X-Amz-Function-Error.
type FunctionError struct {
	Type    string // Lambda's error type, or the name of the function's own
	Message string
	// Payload is the JSON that Invoke's caller gets:
	// {"errorMessage":…,"errorType":…}, and a stackTrace after a panic.
	Payload []byte
}

// Error implements error.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// Is makes errors.Is(err, ErrTimeout) work.
func (e *FunctionError) Is(target error) bool {
	return target == ErrTimeout && e.Type == TypeTimeout
}

type errorPayload struct {
	ErrorMessage string `json:"errorMessage"`
	ErrorType    string `json:"errorType"`
}

func functionError(kind, message string) *FunctionError {
	payload, _ := json.Marshal(errorPayload{ErrorMessage: message, ErrorType: kind}) // two strings always marshal
	return &FunctionError{Type: kind, Message: message, Payload: payload}
}

// reportedError is the error that a function sent itself: as the body of a
// request, or in a trailer. kind names it where the body does not.
func reportedError(body []byte, kind string) *FunctionError {
	var p errorPayload
	if err := json.Unmarshal(body, &p); err != nil {
		return functionError(kind, string(body))
	}
	if p.ErrorType == "" {
		p.ErrorType = kind
	}
	return &FunctionError{Type: p.ErrorType, Message: p.ErrorMessage, Payload: body}
}

func timeoutError(id string, after time.Duration) *FunctionError {
	return functionError(TypeTimeout, fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", id, after.Seconds()))
}

func exitError(id, state string) *FunctionError {
	reason := "Runtime exited with error: " + state
	if state == "exit status 0" {
		reason = "Runtime exited without providing a reason"
	}
	return functionError(TypeExit, "RequestId: "+id+" Error: "+reason)
}
