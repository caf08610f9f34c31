package lambdahost

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"serverless-mcp/internal/emulator/childproc"
)

// instance is one process with a Runtime API of its own: what Lambda calls an
// execution environment. One goroutine at a time drives it, through await and
// invoke; the Runtime API's handlers meet it on the channels.
type instance struct {
	arn        string
	grace      time.Duration
	generation int // of the function's binary
	cmd        *exec.Cmd
	server     *http.Server

	ready      chan struct{}       // one for each call of next
	events     chan event          // to the call of next
	initFailed chan *FunctionError // from init/error, at most one
	exited     chan struct{}       // closed when the process has ended
	stopOnce   sync.Once
	peakMB     int // largest memory seen; the driver's

	mu      sync.Mutex
	current *invocation   // the last one given to the process
	state   responseState // of current
}

// event is an invocation as the process gets it.
type event struct {
	*invocation
	deadline time.Time
}

type responseState int

const (
	waiting    responseState = iota // for the process to fetch it
	fetched                         // and not responded
	responding                      // or responded
)

// launch starts a process. It is not ready before await has returned.
func launch(o Options, generation int, out *logger) (*instance, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("runtime API of %s: %w", o.Name, err)
	}
	in := &instance{
		arn:        fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", o.Region, localAccount, o.Name),
		grace:      o.Grace,
		generation: generation,
		cmd:        exec.Command(o.Binary),
		ready:      make(chan struct{}),
		events:     make(chan event),
		initFailed: make(chan *FunctionError, 1),
	}
	// A runtime that goes away in the middle of a request is normal here.
	in.server = &http.Server{Handler: in.runtimeAPI(), ErrorLog: log.New(io.Discard, "", 0)}
	go in.server.Serve(listener)

	logStream := time.Now().UTC().Format("2006/01/02/[$LATEST]") + random(16)
	in.cmd.Env = environment(o, listener.Addr().String(), logStream)
	in.cmd.Dir = filepath.Dir(o.Binary)
	if in.exited, err = childproc.Start(in.cmd, out.line); err != nil {
		in.server.Close()
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
		case err := <-in.initFailed: // said why before it went
			return err
		default:
			return in.exitError(id)
		}
	case <-limit.C:
		return timeoutError(id, timeout)
	}
}

// invoke gives the process an event and waits until it asks for the next one.
// fault is how the process failed, if it did, and then it is of no more use;
// answer is what the function responded, nil being success.
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
			in.measure() // while it lives
			return timeoutError(e.id, timeout), in.lastResponse(response, e)
		}
	}
}

// nextAfter is ready, once there is an answer.
func (in *instance) nextAfter(responded chan error) chan struct{} {
	if responded != nil {
		return nil
	}
	return in.ready
}

// lastResponse is the answer that may have come at the same moment as the
// process's end.
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

func (in *instance) delivered() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.state = fetched
}

func (in *instance) awaitsResponse() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.state == fetched
}

// claim is the invocation with this id, for the one who is to answer it; nil if
// it is not in progress, or has an answer.
func (in *instance) claim(id string) *invocation {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.state != fetched || in.current.id != id {
		return nil
	}
	in.state = responding
	return in.current
}

// alive tells whether the process runs.
func (in *instance) alive() bool {
	select {
	case <-in.exited:
		return false
	default:
		return true
	}
}

// stop ends the process, gently if wanted, and its Runtime API, and waits for
// both.
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
		in.server.Close()
	})
}
