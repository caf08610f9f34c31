package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// integrate calls the route's function and returns its response.
func (a *API) integrate(x *exchange) response {
	event, err := a.integrationEvent(x)
	if err != nil {
		return a.integrationFailed(x, err, http.StatusInternalServerError)
	}
	if len(event) > maxEventBytes {
		// Lambda rejects it with 413; the resulting status of an HTTP API is unsure.
		return a.integrationFailed(x, errTooLarge, http.StatusRequestEntityTooLarge)
	}
	x.integrationCalled = true
	begun := a.cfg.Now()
	payload, err := call(x.r.Context(), x.route.Integration, event, a.cfg.Timeout)
	x.integrationLatency = a.cfg.Now().Sub(begun)
	switch {
	case errors.Is(err, errTimedOut), err != nil && a.cfg.Unavailable(err):
		return a.integrationFailed(x, err, http.StatusServiceUnavailable)
	case err != nil:
		return a.integrationFailed(x, err, http.StatusInternalServerError)
	}
	resp, err := parseResponse(payload)
	if err != nil {
		return a.integrationFailed(x, err, http.StatusInternalServerError)
	}
	return resp
}

func (a *API) integrationFailed(x *exchange, err error, status int) response {
	x.integrationError = err.Error()
	a.cfg.Log.ErrorContext(x.r.Context(), "integration failed", "requestId", x.id, "routeKey", x.routeKey(), "error", err)
	return rejection(status)
}

var errTimedOut = errors.New("no response within the gateway's timeout")

// call invokes a function and returns errTimedOut after the limit. The function is
// not canceled: on AWS it continues, and is billed, after the gateway's timeout and
// after the client disconnected.
func call(ctx context.Context, function Invoker, payload []byte, limit time.Duration) ([]byte, error) {
	type result struct {
		payload []byte
		err     error
	}
	done := make(chan result, 1)
	go func() {
		response, err := function.Invoke(context.WithoutCancel(ctx), payload)
		done <- result{response, err}
	}()
	select {
	case r := <-done:
		return r.payload, r.err
	case <-time.After(limit):
		return nil, errTimedOut
	}
}
