package awsfake

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	"github.com/google/uuid"
)

// A protocol writes outputs and errors as one family of AWS services does:
// https://smithy.io/2.0/aws/protocols/index.html.
type protocol interface {
	writeResult(w http.ResponseWriter, op string, result any)
	writeError(w http.ResponseWriter, err *Error)
}

// serve handles every call: it requires a signature, injects faults, and runs the
// operation. An error that is not an *Error is a bug in this package and is returned
// as InternalFailure.
func (o Options) serve(w http.ResponseWriter, r *http.Request, p protocol, op string, do func(signer) (any, error)) {
	w.Header().Set("X-Amzn-Requestid", uuid.NewString())
	from, refused := signerOf(r)
	if refused != nil {
		p.writeError(w, refused)
		return
	}
	// A fault may wait for the request's context, which net/http cancels only after the
	// body has been read.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.writeError(w, &Error{Code: "RequestTimeout", Message: err.Error()})
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if o.failed(w, r, p, o.fault(op, from.accessKeyID)) {
		return
	}
	result, err := do(from)
	if err == nil {
		p.writeResult(w, op, result)
		return
	}
	if !errors.As(err, &refused) {
		refused = &Error{Status: http.StatusInternalServerError, Code: "InternalFailure", Message: err.Error()}
	}
	p.writeError(w, refused)
}

// failed injects the fault, if any, and reports whether that was the response.
func (o Options) failed(w http.ResponseWriter, r *http.Request, p protocol, f *Fault) bool {
	if f == nil {
		return false
	}
	if f.Delay != nil {
		f.Delay(r.Context())
	}
	switch {
	case f.Hangup:
		panic(http.ErrAbortHandler) // net/http closes the connection and logs nothing
	case f.Error != nil:
		p.writeError(w, f.Error)
	case f.Garbage != "":
		io.WriteString(w, f.Garbage)
	default:
		return false
	}
	return true
}
