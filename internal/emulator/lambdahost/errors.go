package lambdahost

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Payload limits of a buffered invoke, as stated by Lambda's error messages. The
// response may be 100 bytes larger than the event.
const (
	MaxRequestBytes  = 6_291_456
	MaxResponseBytes = 6_291_556
)

// Errors of Invoke and InvokeStream, in addition to *FunctionError.
var (
	// ErrThrottled is Lambda's 429: every instance is busy and no more may start.
	ErrThrottled = errors.New("TooManyRequestsException: Rate Exceeded")
	// ErrTooLarge is Lambda's 413: the event exceeds MaxRequestBytes. A response
	// that exceeds its limit is a *FunctionError, as the caller did nothing wrong.
	ErrTooLarge = fmt.Errorf("RequestEntityTooLargeException: Request must be smaller than %d bytes for the InvokeFunction operation", MaxRequestBytes)
	// ErrTimeout matches (errors.Is) the *FunctionError of an invoke that exceeded
	// the function's timeout.
	ErrTimeout = errors.New("task timed out")
	// ErrClosed means that the function was closed before it responded.
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

// FunctionError means that the function ran and failed. Lambda's response to such an
// invoke has status 200 and the header X-Amz-Function-Error.
type FunctionError struct {
	Type    string // Lambda's error type, or the type that the function reported
	Message string
	// Payload is the JSON that the caller receives:
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

// reportedError returns the error that a function sent in the body of a request or
// in a trailer. kind is its type if the body has none.
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
