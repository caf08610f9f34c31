package lambdahost

import (
	"errors"
	"time"
)

// errNoResponse means that no response has arrived yet.
var errNoResponse = errors.New("no response")

// run is one invoke from the first process start to the REPORT line.
type run struct {
	f          *Function
	inv        *invocation
	in         *instance // nil when there is none yet
	o          Options
	generation int
}

// do runs the invoke and passes the outcome to the caller.
func (r *run) do() {
	rep := report{id: r.inv.id, memoryMB: r.o.MemoryMB}
	if r.in == nil {
		rep.init = r.coldStart()
	}
	r.f.log.printf("START RequestId: %s Version: $LATEST", r.inv.id)
	began := time.Now()
	fault, response := r.invoke(began)
	rep.duration = time.Since(began)
	rep.fault = fault
	if r.in != nil {
		rep.peakMB = r.in.peakMB
	}
	// Free the instance and complete the log before the caller continues.
	r.release(fault)
	r.logEnd(rep)
	r.inv.end(r.outcome(response, fault))
}

// coldStart runs Lambda's init phase and returns how long it took. If it fails,
// the process is stopped, and the invoke tries init again.
func (r *run) coldStart() time.Duration {
	began := time.Now()
	limit := time.NewTimer(r.o.InitTimeout)
	defer limit.Stop()
	fault := r.start(limit, r.o.InitTimeout)
	took := time.Since(began)
	if fault != nil {
		r.f.log.initReport("init", took, fault)
		return 0 // as on Lambda, the report then omits it
	}
	return took
}

// start sets r.in to a ready instance, or returns the fault.
func (r *run) start(limit *time.Timer, timeout time.Duration) *FunctionError {
	in, err := launch(r.o, r.generation, r.f.log)
	if err != nil {
		return functionError(TypeInvalidEntrypoint, "RequestId: "+r.inv.id+" Error: "+err.Error())
	}
	if !r.f.adopt(in) {
		in.stop(false)
		return functionError(TypeExit, ErrClosed.Error())
	}
	if fault := in.await(r.inv.id, limit, timeout); fault != nil {
		r.f.drop(in, false)
		return fault
	}
	r.in = in
	return nil
}

// invoke runs the event within the function's timeout, which includes an init that
// has to be repeated.
func (r *run) invoke(began time.Time) (fault *FunctionError, response error) {
	limit := time.NewTimer(r.o.Timeout)
	defer limit.Stop()
	if r.in == nil {
		fault := r.start(limit, r.o.Timeout)
		r.f.log.initReport("invoke", time.Since(began), fault)
		if fault != nil {
			return fault, errNoResponse
		}
	}
	e := event{invocation: r.inv, deadline: began.Add(r.o.Timeout)}
	return r.in.invoke(e, limit, r.o.Timeout)
}

// release makes the instance idle, or stops it after a fault.
func (r *run) release(fault *FunctionError) {
	if r.in != nil && fault == nil {
		r.f.giveBack(r.in)
		return
	}
	if r.in != nil {
		r.f.drop(r.in, false)
	}
	r.f.vacate(r.generation)
}

func (r *run) logEnd(rep report) {
	if rep.fault != nil && rep.fault.Type == TypeTimeout {
		r.f.log.printf("%s %s Task timed out after %.2f seconds",
			time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), r.inv.id, r.o.Timeout.Seconds())
	} else if rep.fault != nil {
		r.f.log.line(rep.fault.Message)
		r.f.log.line(rep.fault.Type)
	}
	r.f.log.printf("END RequestId: %s", r.inv.id)
	r.f.log.line(rep.String())
}

// outcome returns the error for the caller. A complete response counts even if the
// process failed after it.
func (r *run) outcome(response error, fault *FunctionError) error {
	if response == nil {
		return nil
	}
	var reported *FunctionError
	if errors.As(response, &reported) && (fault == nil || reported.Type != TypeTruncated) {
		return reported
	}
	if r.f.isClosed() {
		return ErrClosed
	}
	return fault
}
