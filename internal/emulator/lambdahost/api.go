package lambdahost

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// runtimeAPI returns one instance's Runtime API, version 2018-06-01:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (in *instance) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", in.serveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", in.serveResponse)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", in.serveError)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", in.serveInitError)
	return mux
}

// serveNext marks the instance as ready and holds the request until there is an
// event.
func (in *instance) serveNext(w http.ResponseWriter, r *http.Request) {
	if in.awaitsResponse() {
		reject(w, http.StatusForbidden, "InvalidStateTransition", "the invocation in progress has no response yet")
		return
	}
	select {
	case in.ready <- struct{}{}:
	case event := <-in.events: // for an earlier call of next whose connection was lost
		in.deliver(w, event)
		return
	case <-r.Context().Done():
		return
	}
	select {
	case event := <-in.events:
		in.deliver(w, event)
	case <-r.Context().Done():
	}
}

func (in *instance) deliver(w http.ResponseWriter, e event) {
	in.markFetched()
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", e.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(e.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", in.arn)
	h.Set("Lambda-Runtime-Trace-Id", e.traceID)
	w.Write(e.payload) // a failed write shows as the instance's exit or timeout
}

// serveResponse forwards a buffered or streamed response. aws-lambda-go does not
// send the header Lambda-Runtime-Function-Response-Mode, so the caller of the
// function decides whether the response is buffered or streamed. An error in the middle of
// the body arrives as trailers.
func (in *instance) serveResponse(w http.ResponseWriter, r *http.Request) {
	if mode := r.Header.Get("Lambda-Runtime-Function-Response-Mode"); mode != "" && mode != "streaming" {
		reject(w, http.StatusBadRequest, "InvalidFunctionResponseMode", "Invalid function response mode")
		return
	}
	inv := in.claim(r.PathValue("id"))
	if inv == nil {
		reject(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	err := inv.receive(r.Header.Get("Content-Type"), r.Body)
	switch {
	case errors.Is(err, errResponseTooLarge):
		inv.responded <- functionError(TypeResponseTooLarge,
			fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", MaxResponseBytes))
		reject(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge",
			fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", MaxResponseBytes))
	case err != nil:
		inv.responded <- functionError(TypeTruncated, "RequestId: "+inv.id+" Error: response was truncated")
		reject(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
	default:
		inv.responded <- trailerError(r.Trailer)
		accept(w)
	}
}

// trailerError returns the error in the trailers of a response, or nil.
func trailerError(trailer http.Header) error {
	kind := trailer.Get("Lambda-Runtime-Function-Error-Type")
	if kind == "" {
		return nil
	}
	body, err := base64.StdEncoding.DecodeString(trailer.Get("Lambda-Runtime-Function-Error-Body"))
	if err != nil {
		return functionError(kind, "")
	}
	return reportedError(body, kind)
}

func (in *instance) serveError(w http.ResponseWriter, r *http.Request) {
	inv := in.claim(r.PathValue("id"))
	if inv == nil {
		reject(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	inv.responded <- readError(r, TypeUnknown)
	accept(w)
}

func (in *instance) serveInitError(w http.ResponseWriter, r *http.Request) {
	select {
	case in.initFailed <- readError(r, TypeInit):
		accept(w)
	default:
		reject(w, http.StatusForbidden, "InvalidStateTransition", "init has already ended")
	}
}

func readError(r *http.Request, kind string) *FunctionError {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxResponseBytes))
	if err != nil {
		return functionError(TypeTruncated, "error report was truncated")
	}
	if named := r.Header.Get("Lambda-Runtime-Function-Error-Type"); named != "" {
		kind = named
	}
	return reportedError(body, kind)
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, `{"status":"OK"}`+"\n")
}

func reject(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(errorPayload{ErrorMessage: message, ErrorType: kind})
}
