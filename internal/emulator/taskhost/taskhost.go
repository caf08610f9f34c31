// Package taskhost runs the deployment shape container on this machine: tasks, which are
// processes of cmd/mcpd that it restarts as ECS does, behind a load balancer that behaves
// like an Application Load Balancer.
//
// Same as on AWS: the unmodified program, stopped by SIGTERM; requests go to the
// healthy tasks in turn, or to the task in a cookie; a task that exits is replaced;
// a new program replaces the tasks one by one, each after its successor listens.
// Different: there is no TLS and no CloudFront, memory is not limited, and all tasks
// share this machine's address.
package taskhost

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Options describe the tasks. Binary is required; every other zero value works.
type Options struct {
	Binary string            // path of the program, built for this machine
	Env    map[string]string // environment of the task definition
	Tasks  int               // number of tasks; zero means 1
	Sticky bool              // a client that keeps cookies always reaches the same task
	// StartTimeout is how long a task may take to listen; zero means 30 s.
	StartTimeout time.Duration
	// DrainTimeout is how long the calls of a task that is being replaced may take;
	// zero means 30 s. On AWS it is the target group's deregistration delay.
	DrainTimeout time.Duration
	// Grace is the time between SIGTERM and SIGKILL; zero means 2 s. On Fargate it
	// is up to two minutes.
	Grace time.Duration
	// RestartDelay is the pause before a task that exited is restarted; zero means 1 s.
	RestartDelay time.Duration
	// Log receives the output of the tasks, one line a Write; nil discards it.
	Log io.Writer
}

// Service is a set of running tasks and, as an [http.Handler], their load balancer.
type Service struct {
	options   Options
	transport *http.Transport // to the tasks
	proxy     http.Handler
	closed    chan struct{}
	work      sync.WaitGroup // replacements, and tasks being stopped
	rolling   sync.Mutex     // one replacement of all tasks at a time
	logging   sync.Mutex

	mu         sync.Mutex
	generation int     // number of calls of Replace
	tasks      []*task // that receive requests
	next       int     // counts requests, to take tasks in turn
	count      int     // tasks started, for their names
}

// Start starts the tasks and returns when all of them are listening.
func Start(o Options) (*Service, error) {
	o.Tasks = cmp.Or(o.Tasks, 1)
	o.StartTimeout = cmp.Or(o.StartTimeout, 30*time.Second)
	o.DrainTimeout = cmp.Or(o.DrainTimeout, 30*time.Second)
	o.Grace = cmp.Or(o.Grace, 2*time.Second)
	o.RestartDelay = cmp.Or(o.RestartDelay, time.Second)
	if o.Log == nil {
		o.Log = io.Discard
	}
	s := &Service{options: o, transport: newTransport(), closed: make(chan struct{})}
	s.proxy = s.newProxy()
	for range o.Tasks {
		t, err := s.launch(o)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("start a task: %w", err), s.Close())
		}
		s.register(t, 0)
	}
	return s, nil
}

// register adds a task to those that receive requests, until it exits. It returns false if
// the service was closed, or the program of the given generation replaced, while the task
// started.
func (s *Service) register(t *task, generation int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() || generation != s.generation {
		return false
	}
	s.tasks = append(s.tasks, t)
	s.work.Go(func() { s.watch(t) })
	return true
}

// watch replaces a task that exits without having been stopped.
func (s *Service) watch(t *task) {
	<-t.ended
	if !s.deregister(t) {
		return
	}
	s.print("task %s exited: %s", t.name, t.cmd.ProcessState)
	for {
		select {
		case <-s.closed:
			return
		case <-time.After(s.options.RestartDelay):
		}
		s.mu.Lock()
		o, generation := s.options, s.generation
		s.mu.Unlock()
		next, err := s.launch(o)
		if err != nil {
			s.print("replace a task: %v", err)
			continue
		}
		if s.register(next, generation) {
			return
		}
		next.stop(o.Grace)
	}
}

// deregister removes a task from those that receive requests; false if it was not
// among them.
func (s *Service) deregister(t *task) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.tasks {
		if s.tasks[i] == t {
			s.tasks = append(s.tasks[:i:i], s.tasks[i+1:]...)
			return true
		}
	}
	return false
}

// Replace makes all tasks run another program, one after the other: a new task is
// listening before an old one is stopped. If a new task does not start, the
// remaining tasks stay.
func (s *Service) Replace(binary string) error {
	s.rolling.Lock()
	defer s.rolling.Unlock()
	s.mu.Lock()
	s.options.Binary = binary
	s.generation++
	o, old, generation := s.options, append([]*task(nil), s.tasks...), s.generation
	s.mu.Unlock()
	for _, t := range old {
		next, err := s.launch(o)
		if err != nil {
			return fmt.Errorf("replace task %s: %w", t.name, err)
		}
		if !s.register(next, generation) {
			next.stop(0)
			return fmt.Errorf("replace task %s: %w", t.name, errClosed)
		}
		surplus := t
		if !s.deregister(t) { // it has exited meanwhile, and watch starts its successor
			surplus = next
			s.deregister(next)
		}
		s.work.Go(func() { s.drain(surplus) })
	}
	return nil
}

// drain stops a deregistered task once its requests have ended, or after DrainTimeout.
func (s *Service) drain(t *task) {
	idle := make(chan struct{})
	go func() {
		t.calls.Wait()
		close(idle)
	}()
	limit := time.NewTimer(s.options.DrainTimeout)
	defer limit.Stop()
	select {
	case <-idle:
	case <-limit.C:
	case <-s.closed:
	}
	s.transport.CloseIdleConnections() // at shutdown the task would wait for a request on connections that were never used
	t.stop(s.options.Grace)
}

// Tasks returns the addresses of the tasks that receive requests.
func (s *Service) Tasks() (addresses []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tasks {
		addresses = append(addresses, t.address)
	}
	return addresses
}

// Close stops every task and waits for all of them to exit.
func (s *Service) Close() error {
	close(s.closed)
	s.rolling.Lock()
	defer s.rolling.Unlock()
	s.mu.Lock()
	tasks := s.tasks
	s.tasks = nil
	s.mu.Unlock()
	s.transport.CloseIdleConnections()
	for _, t := range tasks {
		s.work.Go(func() { t.stop(s.options.Grace) })
	}
	s.work.Wait()
	return nil
}

func (s *Service) print(format string, args ...any) {
	s.line(fmt.Sprintf(format, args...))
}

// line writes one line to the log.
func (s *Service) line(text string) {
	s.logging.Lock()
	defer s.logging.Unlock()
	_, _ = io.WriteString(s.options.Log, text+"\n") // there is nowhere to report a failing log
}

// isClosed reports whether Close has begun.
func (s *Service) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// errClosed is returned for a task that starts during Close.
var errClosed = fmt.Errorf("the service is closing: %w", context.Canceled)
