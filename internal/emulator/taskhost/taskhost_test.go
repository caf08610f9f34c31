package taskhost_test

import (
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"serverless-mcp/internal/emulator/taskhost"
	"serverless-mcp/internal/test/poll"
)

// get sends a request and returns the status and the process id of the task.
func (s *running) get(t *testing.T, client *http.Client, path string) (status int, pid string) {
	t.Helper()
	resp, err := client.Get(s.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	pid, _, _ = strings.Cut(string(body), " ")
	return resp.StatusCode, pid
}

// cookies returns a client that keeps cookies.
func cookies() *http.Client {
	jar, _ := cookiejar.New(nil) // never fails
	return &http.Client{Jar: jar}
}

func TestRequestsAlternate(t *testing.T) {
	for name, sticky := range map[string]bool{"sticky, without cookies": true, "not sticky, with cookies": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, taskhost.Options{Tasks: 2, Sticky: sticky})
			client := http.DefaultClient
			if !sticky {
				client = cookies()
			}
			var pids []string
			for range 6 {
				_, pid := s.get(t, client, "/")
				pids = append(pids, pid)
			}
			if pids[0] == pids[1] || !slices.Equal(pids, []string{pids[0], pids[1], pids[0], pids[1], pids[0], pids[1]}) {
				t.Errorf("processes %v responded, want two in turn", pids)
			}
		})
	}
}

func TestCookiesStay(t *testing.T) {
	t.Parallel()
	s := start(t, taskhost.Options{Tasks: 2, Sticky: true})
	first := map[string]bool{}
	for range 2 {
		client := cookies()
		_, want := s.get(t, client, "/")
		first[want] = true
		for range 5 {
			if _, got := s.get(t, client, "/"); got != want {
				t.Errorf("a client with cookies went from %s to %s", want, got)
			}
		}
	}
	if len(first) != 2 {
		t.Errorf("both clients are on %v", first)
	}
}

// TestTaskExits: a task that exits is replaced, and until then the other one serves
// all requests.
func TestTaskExits(t *testing.T) {
	t.Parallel()
	s := start(t, taskhost.Options{Tasks: 2, Sticky: true})
	client := cookies()
	_, mine := s.get(t, client, "/")
	if status, _ := s.get(t, client, "/exit"); status != http.StatusBadGateway {
		t.Errorf("the call on the task that exited: %d, want 502", status)
	}
	poll.Until(t, "another task", func() bool {
		status, pid := s.get(t, client, "/")
		return status == http.StatusOK && pid != mine
	})
	poll.Until(t, "two tasks", func() bool { return len(s.Tasks()) == 2 })
	if !strings.Contains(s.log.String(), "exited: exit status 4") {
		t.Errorf("the log does not mention the exit: %s", s.log)
	}
}

// TestReplace replaces all tasks under load without losing a call.
func TestReplace(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM")
	}
	t.Parallel()
	s := start(t, taskhost.Options{Tasks: 2})
	before := s.Tasks()
	over := make(chan struct{})
	var load sync.WaitGroup
	for range 4 {
		load.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					if status, _ := s.get(t, http.DefaultClient, "/slow"); status != http.StatusOK {
						t.Errorf("a call was lost: %d", status)
						return
					}
				}
			}
		})
	}
	for range 5 {
		if err := s.Replace(os.Args[0]); err != nil {
			t.Error(err)
		}
	}
	close(over)
	load.Wait()
	for _, address := range s.Tasks() {
		if slices.Contains(before, address) {
			t.Errorf("%s still runs", address)
		}
	}
	if err := s.Replace("/nonexistent"); err == nil || len(s.Tasks()) != 2 {
		t.Errorf("Replace with a missing program = %v, with %d tasks left", err, len(s.Tasks()))
	}
}

// TestReplaceWhileATaskStarts: a task that was being restarted with the old program when the
// program was replaced does not stay.
func TestReplaceWhileATaskStarts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows needs a privilege for symbolic links")
	}
	t.Parallel()
	program := filepath.Join(t.TempDir(), "new")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	gate, starting := holdTask(t, 2) // the task that is restarted
	s := start(t, taskhost.Options{Env: map[string]string{"GATE": gate}})
	s.get(t, http.DefaultClient, "/exit")
	restarted := <-starting
	if err := s.Replace(program); err != nil {
		t.Fatal(err)
	}
	restarted.Close()
	poll.Until(t, "a task", func() bool { return len(s.Tasks()) == 1 })
	if _, got := s.get(t, http.DefaultClient, "/program"); got != program {
		t.Errorf("the task runs %s, want the new program %s", got, program)
	}
}

// holdTask returns the value of GATE with which the nth task that starts waits until its
// connection, which is sent to starting, is closed. The others start at once.
func holdTask(t *testing.T, nth int) (gate string, starting <-chan net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	held := make(chan net.Conn)
	go func() {
		for n := 1; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if n == nth {
				held <- conn
				continue
			}
			conn.Close()
		}
	}()
	return listener.Addr().String(), held
}

// TestTaskExitsDuringReplace: a task that exits while all tasks are replaced gets one
// successor, not a second one from Replace.
func TestTaskExitsDuringReplace(t *testing.T) {
	t.Parallel()
	gate, starting := holdTask(t, 3) // the successor of the first task
	s := start(t, taskhost.Options{Tasks: 2, RestartDelay: time.Hour, Env: map[string]string{"GATE": gate}})
	second := s.Tasks()[1]
	replaced := make(chan error, 1)
	go func() { replaced <- s.Replace(os.Args[0]) }()
	first := <-starting
	if resp, err := http.Get("http://" + second + "/exit"); err == nil {
		resp.Body.Close()
		t.Errorf("the task that exited responded with %s", resp.Status)
	}
	poll.Until(t, "the exit to be noticed", func() bool { return len(s.Tasks()) == 1 })
	first.Close()
	if err := <-replaced; err != nil {
		t.Fatal(err)
	}
	if tasks := s.Tasks(); len(tasks) != 1 {
		t.Errorf("%d tasks, want one until the other is restarted", len(tasks))
	}
}

func TestClientDisconnects(t *testing.T) {
	t.Parallel()
	s := start(t, taskhost.Options{})
	resp, err := http.Get(s.url + "/hold") // returns with the first byte of the response
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	poll.Until(t, "the task to notice", func() bool { return strings.Contains(s.log.String(), "the client disconnected") })
}

func TestTaskEnvironment(t *testing.T) {
	t.Setenv("AWS_PROFILE", "of the developer")
	s := start(t, taskhost.Options{Env: map[string]string{"GREETING": "hello", "AWS_REGION": "eu-central-1"}})
	resp, err := http.Get(s.url + "/environ")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	for _, want := range []string{"GREETING=hello\n", "AWS_REGION=eu-central-1\n", "AWS_ACCESS_KEY_ID=local\n"} {
		if !strings.Contains(string(body)+"\n", want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(string(body), "developer") {
		t.Errorf("the task has the developer's environment: %s", body)
	}
	if _, host := s.get(t, http.DefaultClient, "/"); host == "" {
		t.Error("no response")
	}
}

// TestStartFails: the error contains the reason why a program is not listening.
func TestStartFails(t *testing.T) {
	for what, want := range map[string]string{
		"exit": "it exited before it listened: exit status 3",
		"deaf": "it was not listening after 100ms",
		"":     "no such file",
	} {
		binary, limit := os.Args[0], 10*time.Second
		switch what {
		case "":
			binary = "/nonexistent"
		case "deaf":
			limit = 100 * time.Millisecond
		}
		s, err := taskhost.Start(taskhost.Options{Binary: binary, Env: map[string]string{"TASKHOST_TEST": what}, StartTimeout: limit})
		if s != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: Start = %v, want an error with %q", what, err, want)
		}
	}
}

// TestQuickResponses: a response that begins before the whole request body was read is not
// aborted.
func TestQuickResponses(t *testing.T) {
	t.Parallel()
	s := start(t, taskhost.Options{Tasks: 2})
	for run := range 500 {
		resp, err := http.Post(s.url+"/ticks", "text/plain", strings.NewReader(strings.Repeat("x", 100)))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || strings.Count(string(body), "tick\n") != 5 {
			t.Fatalf("run %d: %q, %v", run, body, err)
		}
	}
}

func TestLargeBody(t *testing.T) {
	t.Parallel()
	s := start(t, taskhost.Options{})
	resp, err := http.Post(s.url+"/", "text/plain", strings.NewReader(strings.Repeat("x", 11<<20)))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("11 MB: %d, want 413", resp.StatusCode)
	}
}
