package taskhost

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"serverless-mcp/internal/emulator/childproc"
)

// task is a running server process.
type task struct {
	name    string // also the value of the cookie
	address string
	cmd     *exec.Cmd
	ended   chan struct{}
	calls   sync.WaitGroup // requests in progress
}

// launch starts a task and waits until it listens.
func (s *Service) launch(o Options) (*task, error) {
	if s.isClosed() {
		return nil, errClosed
	}
	s.mu.Lock()
	s.count++
	t := &task{name: strconv.Itoa(s.count), cmd: exec.Command(o.Binary)}
	s.mu.Unlock()
	listening := make(chan string, 1)
	t.cmd.Env, t.cmd.Dir = environment(o.Env), filepath.Dir(o.Binary)
	var err error
	if t.ended, err = childproc.Start(t.cmd, s.listener(listening)); err != nil {
		return nil, err
	}
	limit := time.NewTimer(o.StartTimeout)
	defer limit.Stop()
	select {
	case t.address = <-listening:
		return t, nil
	case <-t.ended:
		return nil, fmt.Errorf("it exited before it listened: %s; see its log", t.cmd.ProcessState)
	case <-limit.C:
		err = fmt.Errorf("it was not listening after %v", o.StartTimeout)
	case <-s.closed:
		err = errClosed
	}
	t.stop(0)
	return nil, err
}

// listener returns a callback that forwards log lines and sends the address of the
// first "listening" line. The task chooses its port, so the log is the only source.
func (s *Service) listener(listening chan<- string) func(string) {
	var once sync.Once
	return func(line string) {
		var entry struct{ Message, Address string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Message == "listening" {
			once.Do(func() { listening <- entry.Address })
		}
		s.line(line)
	}
}

// stop sends SIGTERM, and SIGKILL after the grace period.
func (t *task) stop(grace time.Duration) {
	if grace > 0 {
		childproc.Terminate(t.cmd.Process)
		limit := time.NewTimer(grace)
		defer limit.Stop()
		select {
		case <-t.ended:
			return
		case <-limit.C:
		}
	}
	childproc.Kill(t.cmd.Process)
	<-t.ended
}

// environment returns all environment variables of a task: those of its definition
// and those that ECS adds, but none of this machine's.
func environment(own map[string]string) []string {
	env := childproc.Environment()
	for name, value := range map[string]string{
		"PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": "UTC",
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
		"LISTEN":        "127.0.0.1:0",
		"DRAIN_SECONDS": "0", // this load balancer stops sending requests before SIGTERM
	} {
		if _, ok := env[name]; !ok {
			env[name] = value
		}
	}
	for name, value := range own {
		env[name] = value
	}
	list := make([]string, 0, len(env))
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return list
}

// errNoTask results in status 503, as from a load balancer without healthy targets.
var errNoTask = errors.New("no task is running")
