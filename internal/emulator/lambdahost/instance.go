package lambdahost

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"serverless-mcp/internal/emulator/childproc"
	"serverless-mcp/internal/emulator/loopback"
)

// instance is one process with its own Runtime API; Lambda calls it an execution
// environment. One goroutine at a time drives it, by await and invoke; the channels
// connect that goroutine to the Runtime API's handlers.
type instance struct {
	arn        string
	grace      time.Duration
	generation int // of the function's binary
	cmd        *exec.Cmd
	api        *loopback.Server

	ready      chan struct{}       // one for each call of next
	events     chan event          // to the call of next
	initFailed chan *FunctionError // from init/error, at most one
	exited     chan struct{}       // closed when the process has ended
	stopOnce   sync.Once
	peakMB     int // largest memory seen; only the driving goroutine uses it

	mu      sync.Mutex
	current *invocation   // the last one sent to the process
	state   responseState // of current
}

// event is an invocation as it is sent to the process, with its deadline.
type event struct {
	*invocation
	deadline time.Time
}

type responseState int

const (
	waiting    responseState = iota // for the process to fetch it
	fetched                         // fetched, without a response yet
	responding                      // a response is arriving or has arrived
)

// launch starts a process, which is ready once await has returned nil.
func launch(o Options, generation int, out *logger) (*instance, error) {
	in := &instance{
		arn:        fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", o.Region, localAccount, o.Name),
		grace:      o.Grace,
		generation: generation,
		cmd:        exec.Command(o.Binary),
		ready:      make(chan struct{}),
		events:     make(chan event),
		initFailed: make(chan *FunctionError, 1),
	}
	var err error
	if in.api, err = loopback.Serve(in.runtimeAPI()); err != nil {
		return nil, fmt.Errorf("serve the Runtime API of %s: %w", o.Name, err)
	}
	logStream := time.Now().UTC().Format("2006/01/02/[$LATEST]") + random(16)
	in.cmd.Env = environment(o, in.api.Address(), logStream)
	in.cmd.Dir = filepath.Dir(o.Binary)
	if in.exited, err = childproc.Start(in.cmd, out.line); err != nil {
		in.api.Close()
		return nil, err
	}
	return in, nil
}

// await waits for the end of init: ready, failed, exited, or out of time.
func (in *instance) await(id string, limit *time.Timer, timeout time.Duration) *FunctionError {
	defer in.measure()
	select {
	case <-in.ready:
		return nil
	case err := <-in.initFailed:
		return err
	case <-in.exited:
		select {
		case err := <-in.initFailed: // reported just before the exit
			return err
		default:
			return in.exitError(id)
		}
	case <-limit.C:
		return timeoutError(id, timeout)
	}
}

// invoke passes the process an event and waits until it asks for the next one.
// fault is non-nil if the process failed and cannot be used again; response is
// the error that the function reported, nil for success.
func (in *instance) invoke(e event, limit *time.Timer, timeout time.Duration) (fault *FunctionError, response error) {
	in.assign(e.invocation)
	defer in.measure()
	response = errNoResponse
	events, responded := in.events, e.responded
	for {
		select {
		case events <- e:
			events = nil
		case response = <-responded:
			responded = nil
		case <-in.nextAfter(responded):
			return nil, response
		case <-in.exited:
			return in.exitError(e.id), in.lastResponse(response, e)
		case <-limit.C:
			in.measure() // while the process is running
			return timeoutError(e.id, timeout), in.lastResponse(response, e)
		}
	}
}

// nextAfter returns in.ready if responded is nil, which means that the response has
// arrived, and otherwise a nil channel, which blocks.
func (in *instance) nextAfter(responded chan error) chan struct{} {
	if responded != nil {
		return nil
	}
	return in.ready
}

// lastResponse returns the response that arrived just as the process ended, or the given
// one if there is none.
func (in *instance) lastResponse(response error, e event) error {
	select {
	case response = <-e.responded:
	default:
	}
	return response
}

func (in *instance) exitError(id string) *FunctionError {
	return exitError(id, in.cmd.ProcessState.String())
}

func (in *instance) measure() {
	in.peakMB = max(in.peakMB, childproc.PeakMemoryMB(in.cmd.Process.Pid))
}

func (in *instance) assign(inv *invocation) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.current, in.state = inv, waiting
}

func (in *instance) markFetched() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.state = fetched
}

func (in *instance) awaitsResponse() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.state == fetched
}

// claim returns the invocation with this id, so that a handler can respond to it; nil if
// it is not in progress or already has a response.
func (in *instance) claim(id string) *invocation {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.state != fetched || in.current.id != id {
		return nil
	}
	in.state = responding
	return in.current
}

// alive reports whether the process is running.
func (in *instance) alive() bool {
	select {
	case <-in.exited:
		return false
	default:
		return true
	}
}

// stop ends the process and its Runtime API and waits for both. A gentle stop
// sends SIGTERM and waits up to the grace period before SIGKILL.
func (in *instance) stop(gently bool) {
	in.stopOnce.Do(func() {
		if gently && in.alive() {
			childproc.Terminate(in.cmd.Process)
			limit := time.NewTimer(in.grace)
			defer limit.Stop()
			select {
			case <-in.exited:
			case <-limit.C:
			}
		}
		if in.alive() {
			childproc.Kill(in.cmd.Process)
		}
		<-in.exited
		in.api.Close()
	})
}
