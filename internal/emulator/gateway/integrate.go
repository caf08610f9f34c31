package gateway

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// integrate sends the request to the route's function.
func (a *API) integrate(x *exchange) response {
	event, err := a.integrationEvent(x)
	if err != nil {
		return a.integrationFailed(x, err, http.StatusInternalServerError)
	}
	if len(event) > maxEventBytes {
		// Lambda refuses it with 413; what an HTTP API makes of that is unsure.
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

var errTimedOut = errors.New("no answer within the gateway's time-out")

// call invokes a function and gives up waiting after the limit. The function
// is not told: on AWS it runs on, and is billed, whether the gateway's limit
// or the client ended the request.
func call(ctx context.Context, function Invoker, payload []byte, limit time.Duration) ([]byte, error) {
	type result struct {
		payload []byte
		err     error
	}
	done := make(chan result, 1)
	go func() {
		answer, err := function.Invoke(context.WithoutCancel(ctx), payload)
		done <- result{answer, err}
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.payload, r.err
	case <-timer.C:
		return nil, errTimedOut
	}
}
