// Package lambdahost runs compiled Lambda functions on this machine as Lambda
// does. Each instance is a child process that fetches its events from its own
// Runtime API, handles one invoke at a time, and has Lambda's environment
// variables instead of the developer's. The Runtime API's address contains a
// secret, so other users of the machine can neither read events nor respond to
// them.
//
// Same as Lambda: the unmodified binary for provided.al2023; more instances on
// demand, the most recently used first; init and invoke timeouts; a process that
// crashed, hung or failed to start is replaced on the next call; error types and
// payloads, size limits and log lines; streamed responses; an invoke runs to its
// end after its caller disconnected.
//
// Different: memory is not limited, CPU is not scaled by memory, an idle process
// is not frozen, the file system is this machine's, streams are not throttled,
// and there is no Extensions or Telemetry API.
package lambdahost

import (
	"context"
	"io"
	"path/filepath"
	"sync"
	"time"
)

// Function is a Lambda function with all its instances. It is safe for
// concurrent use.
type Function struct {
	log     *logger
	invalid error // why the options cannot work; every invoke returns it

	mu         sync.Mutex
	options    Options
	generation int // number of calls of Replace
	count      int // instances of this generation: starting, busy, idle
	idle       []*instance
	live       map[*instance]bool
	closed     bool
	work       sync.WaitGroup // invokes, and instances being stopped
}

// New returns a function. The first invoke starts the first process. Every invoke
// returns an error if the options cannot work.
func New(o Options) *Function {
	o = o.withDefaults()
	return &Function{
		log:     &logger{w: o.Log},
		invalid: o.check(),
		options: o,
		live:    make(map[*instance]bool),
	}
}

// Invoke runs the function on one event and returns its response. The error is a
// *FunctionError, ErrThrottled, ErrTooLarge, ErrClosed or the context's error. If the
// context ends, the invoke continues without its caller, as on Lambda.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	inv := newInvocation(payload, time.Now())
	wait := inv.buffered()
	if err := f.begin(inv); err != nil {
		return nil, err
	}
	return wait(ctx)
}

// InvokeStream runs the function like Lambda's InvokeWithResponseStream: it
// returns with the content type as soon as the response begins, and body returns
// the bytes as the function writes them. The body ends with io.EOF, or with the
// *FunctionError if the function failed after the response began. The content type
// application/vnd.awslambda.http-integration-response announces a JSON
// prelude and eight zero bytes before the HTTP body.
//
// Closing body or canceling the context does not end the function.
func (f *Function) InvokeStream(ctx context.Context, payload []byte) (contentType string, body io.ReadCloser, err error) {
	inv := newInvocation(payload, time.Now())
	wait := inv.streamed()
	if err := f.begin(inv); err != nil {
		return "", nil, err
	}
	return wait(ctx)
}

// Try starts an instance of another binary, waits for the end of its init and
// stops it. The error is a *FunctionError if the init failed. The process's
// output goes to the log.
func (f *Function) Try(binary string) error {
	f.mu.Lock()
	o := f.options
	f.mu.Unlock()
	o.Binary = binary
	o = o.withDefaults()
	in, err := launch(o, 0, f.log)
	if err != nil {
		return functionError(TypeInvalidEntrypoint, err.Error())
	}
	defer f.drop(in, true)
	if !f.adopt(in) {
		return ErrClosed
	}
	limit := time.NewTimer(o.InitTimeout)
	defer limit.Stop()
	if fault := in.await(newInvocation(nil, time.Now()).id, limit, o.InitTimeout); fault != nil {
		return fault
	}
	return nil
}

// Replace makes later invokes run another binary. Invokes in progress keep their
// instances; idle instances of the old binary are stopped.
func (f *Function) Replace(binary string) {
	if path, err := filepath.Abs(binary); err == nil {
		binary = path
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	f.options.Binary = binary
	f.generation++
	f.count = 0
	for _, in := range f.idle {
		delete(f.live, in)
		f.work.Go(func() { in.stop(true) })
	}
	f.idle = nil
}

// Close stops every instance and waits for all of them to exit. Invokes in
// progress return ErrClosed.
func (f *Function) Close() error {
	f.mu.Lock()
	f.closed = true
	for in := range f.live {
		f.work.Go(func() { in.stop(true) })
	}
	f.mu.Unlock()
	f.work.Wait()
	return nil
}

// begin takes an idle instance, or reserves the right to start one, and runs inv on
// it in the background, independent of the caller.
func (f *Function) begin(inv *invocation) error {
	if f.invalid != nil {
		return f.invalid
	}
	if len(inv.payload) > MaxRequestBytes {
		return ErrTooLarge
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return ErrClosed
	}
	in := f.takeIdle()
	if in == nil {
		if f.count >= f.options.MaxInstances {
			return ErrThrottled
		}
		f.count++
	}
	r := run{f: f, inv: inv, in: in, o: f.options, generation: f.generation}
	f.work.Go(r.do)
	return nil
}

func (f *Function) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}
