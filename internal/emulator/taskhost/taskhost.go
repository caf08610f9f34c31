// Package taskhost runs the shape container on this machine: tasks, which are
// processes of cmd/mcpd, kept running as ECS keeps them, behind a load balancer
// as an Application Load Balancer is.
//
// What is the same: the unmodified program, told by SIGTERM to end; requests go
// to each healthy task in turn, or to the one that a cookie names; a task that
// ends is replaced; with a new program, tasks are replaced one by one, each once
// its successor answers. What is not: there is no TLS and no CloudFront in front,
// memory is not limited, and a task has this machine's address.
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
	Binary string            // the program, built for this machine
	Env    map[string]string // what the task definition gives it
	Tasks  int               // how many; zero means 1
	Sticky bool              // a client that keeps cookies stays with its task
	// Start is how long a task may take until it listens; zero means 30 s.
	StartTimeout time.Duration
	// Drain is how long a task that is being replaced may go on with its calls;
	// zero means 30 s. On AWS it is the target group's deregistration delay.
	DrainTimeout time.Duration
	// Grace is how long a task may take to end once it was asked to; zero means
	// 2 s. On Fargate it is up to two minutes.
	Grace time.Duration
	// RestartDelay is the pause before a task that ended is replaced; zero means 1 s.
	RestartDelay time.Duration
	// Log receives what the tasks print, each Write a line; nil discards it.
	Log io.Writer
}

// Service is a set of running tasks; it is the load balancer in front of them.
type Service struct {
	options   Options
	transport *http.Transport // to the tasks
	proxy     http.Handler
	closed    chan struct{}
	work      sync.WaitGroup // replacements, and tasks being stopped
	rolling   sync.Mutex     // one replacement of all tasks at a time
	logging   sync.Mutex

	mu    sync.Mutex
	tasks []*task // those that get requests
	next  int     // whose turn it is
	count int     // names given
}

// Start starts the tasks and returns when all of them listen.
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
		s.admit(t)
	}
	return s, nil
}

// admit gives a task its share of the requests, until it ends.
func (s *Service) admit(t *task) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tasks = append(s.tasks, t)
	s.work.Go(func() { s.watch(t) })
}

// watch replaces a task when it ends without having been asked to.
func (s *Service) watch(t *task) {
	<-t.ended
	if !s.dismiss(t) {
		return
	}
	s.print("task %s has ended: %s", t.name, t.cmd.ProcessState)
	for {
		select {
		case <-s.closed:
			return
		case <-time.After(s.options.RestartDelay):
		}
		s.mu.Lock()
		o := s.options
		s.mu.Unlock()
		next, err := s.launch(o)
		if err == nil {
			s.admit(next)
			return
		}
		s.print("a task cannot be replaced: %v", err)
	}
}

// dismiss takes the requests away from a task; false if it had none.
func (s *Service) dismiss(t *task) bool {
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

// Replace makes all tasks run another program, one after the other: a new task
// listens before an old one is asked to end. If one does not start, the rest
// stays as it is.
func (s *Service) Replace(binary string) error {
	s.rolling.Lock()
	defer s.rolling.Unlock()
	s.mu.Lock()
	s.options.Binary = binary
	o, old := s.options, append([]*task(nil), s.tasks...)
	s.mu.Unlock()
	for _, t := range old {
		next, err := s.launch(o)
		if err != nil {
			return fmt.Errorf("replace task %s: %w", t.name, err)
		}
		s.admit(next)
		if s.dismiss(t) {
			s.work.Go(func() { s.retire(t) })
		}
	}
	return nil
}

// retire ends a task that gets no more requests, once those that it got are
// answered.
func (s *Service) retire(t *task) {
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
	s.transport.CloseIdleConnections() // or it would wait for requests on those that were never used
	t.stop(s.options.Grace)
}

// Tasks are the addresses of the tasks that get requests.
func (s *Service) Tasks() (addresses []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tasks {
		addresses = append(addresses, t.address)
	}
	return addresses
}

// Close ends every task and returns when none is left.
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

// line writes a line of the log, whoever it comes from.
func (s *Service) line(text string) {
	s.logging.Lock()
	defer s.logging.Unlock()
	_, _ = io.WriteString(s.options.Log, text+"\n") // nobody to tell
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

// errClosed is what a task that is started meanwhile ends with.
var errClosed = fmt.Errorf("the service is being closed: %w", context.Canceled)
