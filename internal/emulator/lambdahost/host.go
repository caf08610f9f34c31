// Package lambdahost runs compiled Lambda functions on this machine as Lambda
// does: each instance is a child process that fetches its events from a Runtime
// API of its own, takes one invoke at a time, and sees Lambda's environment and
// nothing of the developer's.
//
// What is the same: the unmodified binary for provided.al2023; more instances
// on demand, the most recently used first; init and invoke time-outs; a process
// that crashed, hung or failed to start is replaced on the next call; Lambda's
// error types and payloads, size limits and log lines; streamed answers; an
// invoke runs to its end though its caller went away.
//
// What is not: memory is not limited, CPU is not scaled by memory, an idle
// process is not frozen, the file system is this machine's, streams are not
// slowed down, and there is no Extensions or Telemetry API.
package lambdahost

import (
	"context"
	"io"
	"path/filepath"
	"sync"
	"time"
)

// Function is one Lambda function with all its instances. Its methods may be
// called concurrently.
type Function struct {
	log     *logger
	invalid error // what is wrong with the options, told at each invoke

	mu         sync.Mutex
	options    Options
	generation int // counts Replace
	count      int // instances of this generation: starting, busy, idle
	idle       []*instance
	live       map[*instance]bool
	closed     bool
	work       sync.WaitGroup // invokes, and instances being stopped
}

// New makes a function; nothing is started before the first invoke. Options
// that cannot work are reported by every invoke.
func New(o Options) *Function {
	o = o.withDefaults()
	return &Function{
		log:     &logger{w: o.Log},
		invalid: o.check(),
		options: o,
		live:    make(map[*instance]bool),
	}
}

// Invoke runs the function on one event and returns its answer. Errors are
// *FunctionError, ErrThrottled, ErrTooLarge, ErrClosed, or the context's: then
// the caller has stopped waiting, while the invoke runs on, as on Lambda.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	inv := newInvocation(payload, time.Now())
	wait := inv.buffered()
	if err := f.begin(inv); err != nil {
		return nil, err
	}
	return wait(ctx)
}

// InvokeStream runs the function like Lambda's InvokeWithResponseStream: it
// returns as soon as the answer begins, with its content type, and body gives
// the bytes as the function writes them. The end of body is io.EOF, or the
// *FunctionError that hit the function meanwhile. The content type
// application/vnd.awslambda.http-integration-response announces a JSON
// prelude and eight zero bytes before the HTTP body.
//
// A caller that closes body, or cancels the context, does not end the function.
func (f *Function) InvokeStream(ctx context.Context, payload []byte) (contentType string, body io.ReadCloser, err error) {
	inv := newInvocation(payload, time.Now())
	wait := inv.streamed()
	if err := f.begin(inv); err != nil {
		return "", nil, err
	}
	return wait(ctx)
}

// Try starts another binary as an instance, waits for the end of its init, and
// stops it again: the error is a *FunctionError where it does not start. What it
// says is in the log.
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

// Replace makes further invokes run another binary. Running ones end on the
// instances they have; idle instances of the old binary are stopped.
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

// Close stops every instance and returns when none is left. Invokes in progress
// get ErrClosed.
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

// begin finds an instance, or the right to start one, and runs inv on it in the
// background: the caller may go, the invoke stays.
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

// takeIdle is the idle instance used last, or nil. Ones that died meanwhile are
// forgotten. The caller holds the lock.
func (f *Function) takeIdle() *instance {
	for len(f.idle) > 0 {
		in := f.idle[len(f.idle)-1]
		f.idle = f.idle[:len(f.idle)-1]
		if in.alive() {
			return in
		}
		f.count--
		delete(f.live, in)
		f.work.Go(func() { in.stop(false) }) // closes its Runtime API
	}
	return nil
}

// adopt notes a new process, unless the function was closed meanwhile.
func (f *Function) adopt(in *instance) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.live[in] = true
	}
	return !f.closed
}

// giveBack makes in idle, unless it is not wanted any more.
func (f *Function) giveBack(in *instance) {
	f.mu.Lock()
	wanted := !f.closed && in.generation == f.generation
	if wanted {
		f.idle = append(f.idle, in)
	}
	f.mu.Unlock()
	if !wanted {
		f.drop(in, true)
	}
}

// drop stops in and forgets it.
func (f *Function) drop(in *instance, gently bool) {
	in.stop(gently)
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.live, in)
}

// vacate gives the right to one instance of a generation back.
func (f *Function) vacate(generation int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if generation == f.generation {
		f.count--
	}
}

func (f *Function) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}
